import test from 'ava';
import {compareVariants} from '../../reporting/comparison.ts';
import {tableText, widthOf} from '../../reporting/table-text.ts';
import {threeVariants} from '../helpers/report.ts';

test('a comparison is an aligned table', t => {
	t.is(tableText(compareVariants(threeVariants, {baseline: 'standard'})), `\
Attack on the variants

variant       α  Test Acc %    ECE  Acc@1 %  Acc@5 %  δ_face  δ_eval    FID  ξ_train %  ξ_test %
────────────────────────────────────────────────────────────────────────────────────────────────
positive    0.1        95.0  0.189     86.7     97.8   0.413    4.77   7.83       56.1      50.6
standard      0        93.4  0.039     81.8     97.3   0.443    5.18   8.54       55.3      48.3
negative  −0.05        91.7  0.084     50.0     80.2   0.603    6.28  13.46       37.4      34.9

Compared with "standard" (α = 0).
The attack is stronger when Acc@1, Acc@5 and ξ are higher, and when δ and FID are lower. Test Acc and ECE describe the target model.`);
});

test('wide characters and accents keep the columns aligned', t => {
	t.is(tableText({
		title: 'Names',
		columns: [{name: 'name', format: 'text'}, {name: 'n', format: 'number'}],
		rows: [['田中', 1], ['Ame\u0301lie', 22]],
		notes: [],
	}), `\
Names

name     n
──────────
田中     1
Ame\u0301lie  22`);
});

test('a text cannot send control sequences to the terminal', t => {
	t.is(tableText({
		title: 'x\u001B[31m',
		columns: [{name: 'a\nb', format: 'text'}],
		rows: [['\u202Eevil\u0007']],
		notes: ['\u009B2J'],
	}), 'x\uFFFD[31m\n\na\uFFFDb\n──────\n\uFFFDevil\uFFFD\n\n\uFFFD2J');
});

test('a number that is not finite is refused', t => {
	t.throws(() => tableText({
		title: 'Bad', columns: [{name: 'variant', format: 'text'}, {name: 'FID', format: 'fixed2'}], rows: [['a', 1], ['b', Number.NaN]], notes: [],
	}), {instanceOf: RangeError, message: 'Table "Bad", row 2, column "FID": expected a finite number, got NaN'});
});

test('a row of another length is refused', t => {
	t.throws(() => tableText({
		title: 'Bad', columns: [{name: 'a', format: 'text'}], rows: [['x', 1]], notes: [],
	}), {instanceOf: RangeError, message: 'Table "Bad", row 1: expected 1 cells, one per column, got 2'});
});

test('Greek letters and the minus sign take one column, Chinese characters two', t => {
	t.is(widthOf('δ−ξ'), 3);
	t.is(widthOf('漢'), 2);
});
