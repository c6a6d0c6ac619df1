import test from 'ava';
import {analyseSweep} from '../../../reporting/sensitivity/analysis.ts';
import {deviationTable, sensitivityCsvTable, sensitivityTable} from '../../../reporting/sensitivity/tables.ts';
import {tableCsv} from '../../../reporting/table-csv.ts';
import {tableText} from '../../../reporting/table-text.ts';
import {defensePoints, pointOf, smoothingPoints} from '../../helpers/sweep.ts';

const alpha = ['target.alpha'];
const failed = [{name: 'alpha=9', values: [9]}];

/** A factor, and none, with two seeds each. */
const repeated = [pointOf([0], 0.8), pointOf([0], 0.6, {seed: 1}), pointOf([0.1], 0.9, {alpha: 0.1}), pointOf([0.1], 0.9, {alpha: 0.1, seed: 1})];

test('the table has a row per value and what the attacker gains, and names what failed', t => {
	t.is(tableText(deviationTable(analyseSweep(alpha, smoothingPoints, failed))), [
		'Sensitivity to smoothing factor α',
		'',
		'    α  Test Acc %    ECE  Acc@1 %  Acc@5 %  δ_face  δ_eval   FID  ξ_train %  ξ_test %  ΔAcc@1 %  advantage %',
		'────────────────────────────────────────────────────────────────────────────────────────────────────────────',
		'−0.05        93.4  0.039     40.0     97.3   0.600    5.18  8.54       55.3      48.3     −40.0        −50.0',
		'    0        93.4  0.039     80.0     97.3   0.500    5.18  8.54       55.3      48.3       0.0          0.0',
		'  0.1        93.4  0.039     90.0     97.3   0.400    5.18  8.54       55.3      48.3      10.0         12.5',
		'    9           –      –        –        –       –       –     –          –         –         –            –',
		'',
		'ΔAcc@1: gain of the attacker over α = 0 in points; advantage: the same as a share of Acc@1 at α = 0.',
		'Failed and left out: alpha=9. Run the sweep again to try once more.',
	].join('\n'));
});

test('defences have the names of the paper and are compared with none', t => {
	const {title, columns, rows, notes} = deviationTable(analyseSweep(['target.defense'], defensePoints, []));
	t.is(title, 'Sensitivity to defence');
	t.is(columns[0]!.name, 'defence');
	t.deepEqual(rows.map(row => [row[0], ...row.slice(-2).map(gain => Number(gain).toFixed(3))]), [
		['none', '0.000', '0.000'], ['label smoothing α = −0.05', '-0.600', '-0.750'], ['MID λ = 0.01', '-0.200', '-0.250'], ['BiDO λx = 0.05 λy = 0.5', '-0.400', '-0.500'],
	]);
	t.deepEqual(notes, ['ΔAcc@1: gain of the attacker over no defence in points; advantage: the same as a share of Acc@1 with no defence.']);
});

test('with several seeds it shows means, standard deviations and how many seeds', t => {
	const {columns, rows, notes} = deviationTable(analyseSweep(alpha, repeated, []));
	t.deepEqual(columns.map(({name}) => name).slice(0, 5), ['α', 'seeds', 'Test Acc', 'ECE', 'Acc@1']);
	t.deepEqual(rows[0]!.slice(0, 5), [0, 2, '93.4±0.0', '0.039±0.000', '70.0±14.1']);
	// Gains of 0.1 / 0.8 and 0.3 / 0.6.
	t.deepEqual(rows[1]!.slice(-2), ['20.0±14.1', '31.3±26.5']);
	t.deepEqual(notes, [
		'Mean ± sample standard deviation over the seeds 0, 1.',
		'ΔAcc@1: gain of the attacker over α = 0 in points; advantage: the same as a share of Acc@1 at α = 0, compared seed by seed.',
	]);
});

test('the page\'s table holds the means as numbers', t => {
	t.deepEqual(sensitivityTable(analyseSweep(alpha, repeated, [])).rows.map(row => row[4]), [0.7, 0.9]);
});

test('what failed for some seeds is a row of the others', t => {
	const {rows, notes} = deviationTable(analyseSweep(alpha, repeated, [{name: 'alpha=0,seed=2', values: [0]}]));
	t.is(rows.length, 2);
	t.is(notes.at(-1), 'Failed and left out: alpha=0,seed=2. Run the sweep again to try once more.');
});

const reasons: ReadonlyArray<readonly [fact: string, paths: readonly string[], points: ReadonlyArray<ReturnType<typeof pointOf>>, note: string]> = [
	['another param is swept', ['optimization.steps'], [pointOf([5], 0.5)], 'No advantage is shown: α is not swept, so there is no α = 0 to compare with.'],
	['there is no result without smoothing', alpha, [pointOf([0.1], 0.5, {alpha: 0.1})], 'No advantage is shown: there is no result for α = 0 to compare with.'],
	['there is no result without a defence', ['target.defense'], defensePoints.slice(1), 'No advantage is shown: there is no result for no defence to compare with.'],
	['nothing can be paired', ['target.alpha', 'subsample.perClass'], [pointOf([0.1, 10], 0.5, {alpha: 0.1}), pointOf([0, 20], 0.5)], 'No advantage is shown: no other α has a result for the same seed and other values as α = 0.'],
];

for (const [fact, paths, points, note] of reasons) {
	test(`no advantage is shown where ${fact}, and the table says so`, t => {
		const {columns, notes} = deviationTable(analyseSweep(paths, points, []));
		t.is(columns.at(-1)!.name, 'ξ_test');
		t.deepEqual(notes, [note]);
	});
}

test('params that are no numbers are shown as they are', t => {
	const {rows} = deviationTable(analyseSweep(['target.architecture', 'sampling.cropScale'], [pointOf(['small', [0.5, 1]], 0.5)], []));
	t.deepEqual(rows[0]!.slice(0, 2), ['small', '[0.5,1]']);
});

test('CSV holds every number in full, with names that stay', t => {
	const [header, first, second] = tableCsv(sensitivityCsvTable(analyseSweep(alpha, repeated, []))).split('\r\n');
	t.is(header, 'target.alpha,seeds,Test Acc,Test Acc sd,ECE,ECE sd,Acc@1,Acc@1 sd,Acc@5,Acc@5 sd,δ_face,δ_face sd,δ_eval,δ_eval sd,FID,FID sd,ξ_train,ξ_train sd,ξ_test,ξ_test sd,advantage Acc@1,advantage Acc@1 sd,advantage Acc@5,advantage Acc@5 sd,advantage δ_face,advantage δ_face sd,advantage δ_eval,advantage δ_eval sd,advantage FID,advantage FID sd,advantage ξ_train,advantage ξ_train sd,advantage ξ_test,advantage ξ_test sd');
	t.true(first!.startsWith('0,2,0.934,0,0.039,0,0.7,0.1414'));
	t.true(second!.startsWith('0.1,2,0.934,0,0.039,0,0.9,0,'));
});
