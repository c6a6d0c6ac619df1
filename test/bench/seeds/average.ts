import test from 'ava';
import type {Table} from '../../../artifacts/table.ts';
import {averageTables, spreadText} from '../../../bench/seeds/average.ts';

const table = (rows: Table['rows']): Table => ({
	title: 'Numbers', columns: [{name: 'variant', format: 'text'}, {name: 'Acc@1', format: 'percent'}, {name: 'δ', format: 'fixed3'}], rows, notes: ['a note'],
});

test('numbers that differ become mean and sample deviation, others stay', t => {
	t.deepEqual(averageTables([table([['a', 0.9, 0.5], ['b', 0.1, 1]]), table([['a', 0.8, 0.5], ['b', 0.3, 2]])]), table([['a', '85.0±7.1', 0.5], ['b', '20.0±14.1', '1.500±0.707']]));
});

test('a number that one seed has not is a dash, and words that differ are told', t => {
	t.deepEqual(averageTables([table([['a', 0.9, '–']]), table([['b', 0.9, 2]])]).rows, [['a, b', 0.9, '–']]);
});

test('one seed has no deviation', t => {
	t.is(spreadText([0.5], {format: 'percent'}), '50.0');
	t.deepEqual(averageTables([table([['a', 0.9, 0.5]])]).rows, [['a', 0.9, 0.5]]);
});

test('tables of different shapes are refused', t => {
	t.throws(() => averageTables([table([['a', 1, 1]]), table([])]), {instanceOf: RangeError, message: 'Expected tables of the same columns and number of rows, got "Numbers" with 1 rows of variant, Acc@1, δ and "Numbers" with 0 rows of variant, Acc@1, δ'});
	t.throws(() => averageTables([]), {instanceOf: RangeError});
});
