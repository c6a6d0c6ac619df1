import test from 'ava';
import {compareVariants} from '../../reporting/comparison.ts';
import {tableCsv} from '../../reporting/table-csv.ts';
import {threeVariants} from '../helpers/report.ts';

const column = (cell: string | number) => tableCsv({
	title: '', columns: [{name: 'x', format: 'fixed2'}], rows: [[cell]], notes: [],
});

test('a comparison keeps its numbers in full', t => {
	t.is(tableCsv(compareVariants(threeVariants, {baseline: 'standard'})), [
		'variant,α,Test Acc,ECE,Acc@1,Acc@5,δ_face,δ_eval,FID,ξ_train,ξ_test',
		'positive,0.1,0.95,0.189,0.867,0.978,0.413,4.77,7.83,0.561,0.506',
		'standard,0,0.934,0.039,0.818,0.973,0.443,5.18,8.54,0.553,0.483',
		'negative,-0.05,0.917,0.084,0.5,0.802,0.603,6.28,13.46,0.374,0.349',
		'',
	].join('\r\n'));
});

test('a number is not rounded', t => {
	t.is(column(1 / 3), 'x\r\n0.3333333333333333\r\n');
});

test('commas, quotes and line breaks are quoted', t => {
	t.is(column('a,"b"\nc'), 'x\r\n"a,""b""\nc"\r\n');
});

for (const text of ['=1+1', '+1', '-1', '@SUM(A1)', '\tx', '＝1']) {
	test(`the text ${JSON.stringify(text)} cannot run as a formula`, t => {
		t.is(column(text), `x\r\n'${text}\r\n`);
	});
}

test('a formula is made harmless before it is quoted', t => {
	t.is(column('=HYPERLINK("x","y")'), 'x\r\n"\'=HYPERLINK(""x"",""y"")"\r\n');
});

test('a negative number stays a number', t => {
	t.is(column(-0.05), 'x\r\n-0.05\r\n');
});

test('a number that is not finite is refused', t => {
	t.throws(() => column(Number.POSITIVE_INFINITY), {instanceOf: RangeError, message: 'Table "", row 1, column "x": expected a finite number, got Infinity'});
});
