import test from 'ava';
import {comparisonCsvTable} from '../../reporting/comparison-csv.ts';
import {metricsOf, threeVariants} from '../helpers/report.ts';

const tolerance = 1e-12;

const cellsOf = (table: ReturnType<typeof comparisonCsvTable>, name: string) => {
	const position = table.columns.findIndex(column => column.name === name);
	return table.rows.map(row => row[position]);
};

test('squared distances stand beside the others', t => {
	const table = comparisonCsvTable(threeVariants, {baseline: 'standard'});
	t.deepEqual(cellsOf(table, 'δ_face'), [0.413, 0.443, 0.603]);
	t.deepEqual(cellsOf(table, 'δ_face squared'), [0.413 ** 2, 0.443 ** 2, 0.603 ** 2]);
	t.deepEqual(cellsOf(table, 'δ_eval squared'), [4.77 ** 2, 5.18 ** 2, 6.28 ** 2]);
});

test('what was not measured is a dash', t => {
	const variants = threeVariants.map(variant => (variant.name === 'negative' ? {...variant, metrics: {...variant.metrics, precision: 0.25}} : variant));
	t.deepEqual(cellsOf(comparisonCsvTable(variants, {baseline: 'standard'}), 'precision'), ['–', '–', 0.25]);
});

test('advantages are relative unless they are asked for as differences', t => {
	const [positive, standard, negative] = cellsOf(comparisonCsvTable(threeVariants, {baseline: 'standard'}), 'relative advantage FID') as number[];
	t.true(Math.abs(positive! - ((8.54 - 7.83) / 8.54)) < tolerance);
	t.is(standard, 0);
	t.true(Math.abs(negative! - ((8.54 - 13.46) / 8.54)) < tolerance);
	const absolute = cellsOf(comparisonCsvTable(threeVariants, {baseline: 'standard', advantage: 'absolute'}), 'absolute advantage Acc@1') as number[];
	t.true(Math.abs(absolute[0]! - (0.867 - 0.818)) < tolerance);
});

test('there is a dash where a baseline of 0 allows no relative advantage', t => {
	const variants = [{name: 'standard', alpha: 0, metrics: {...metricsOf.standard, attackAccuracyTop1: 0}}, {name: 'positive', alpha: 0.1, metrics: metricsOf.positive}];
	t.deepEqual(cellsOf(comparisonCsvTable(variants, {baseline: 'standard'}), 'relative advantage Acc@1'), ['–', '–']);
	t.deepEqual(cellsOf(comparisonCsvTable(variants, {baseline: 'standard', advantage: 'absolute'}), 'absolute advantage Acc@1'), [0.867, 0]);
});

test('every row has a cell per column', t => {
	const {columns, rows} = comparisonCsvTable(threeVariants, {baseline: 'standard'});
	t.is(columns.length, 2 + 9 + 6 + 7);
	t.true(rows.every(row => row.length === columns.length));
});

test('an unknown baseline is refused', t => {
	t.throws(() => comparisonCsvTable(threeVariants, {baseline: 'hard'}), {name: 'UserError', message: 'There is no variant "hard" to compare with'});
});
