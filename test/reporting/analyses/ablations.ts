import test from 'ava';
import type {StartMetrics} from '../../../artifacts/analyses.ts';
import {UserError} from '../../../engine/error.ts';
import {ablationCsvTable, ablationTables, startAdvantages, startTable, type AblatedRun} from '../../../reporting/analyses/ablations.ts';
import {ablationsPage} from '../../../reporting/analyses/ablations-page.ts';
import {metricsWith} from '../../helpers/sweep.ts';

const start: StartMetrics = {accuracyTop1: 0.3, evaluationConfidence: 0.2, faceDistance: 0.8, evaluationDistance: 8};

function run(name: string, [samplingAlpha, optimizationAlpha, selectionAlpha]: readonly [number, number, number], {accuracy = 0.8, hasSelection = false, ...changes}: Partial<StartMetrics> & {readonly accuracy?: number; readonly hasSelection?: boolean} = {}): AblatedRun {
	return {name, samplingAlpha, optimizationAlpha, selectionAlpha, hasSelection, patch: {}, metrics: metricsWith({attackAccuracyTop1: accuracy}), start: {...start, ...changes}};
}

const everyRun = [
	run('standard', [0, 0, 0], {hasSelection: true, accuracy: 0.9}),
	run('negative', [-0.05, -0.05, -0.05], {hasSelection: true, accuracy: 0.2}),
	run('no selection', [0, 0, 0]),
	run('sampled by positive', [0.1, 0, 0], {accuracy: 0.85, faceDistance: 0.6, evaluationConfidence: 0.25}),
	run('sampled by negative', [-0.05, 0, 0], {accuracy: 0.7, faceDistance: 1, evaluationConfidence: 0}),
	run('optimized by positive', [0, 0.1, 0], {accuracy: 0.83}),
	run('optimized by negative', [0, -0.05, 0], {accuracy: 0.15}),
	run('standard by positive', [0, 0, 0.1], {hasSelection: true, accuracy: 0.92}),
	run('negative by standard', [-0.05, -0.05, 0], {hasSelection: true, accuracy: 0.25}),
];

const firstCells = (runs: readonly AblatedRun[], count: number) => ablationTables(runs).map(({table: {rows}}) => rows.map(row => row.slice(0, count)));

test('runs are rows of the tables they belong to, each above the paper\'s', t => {
	t.deepEqual(firstCells(everyRun, 3), [
		[[0.1, 'here', 0.85], [0.1, 'paper', 0.8609], [0, 'here', 0.8], [0, 'paper', 0.8334], [-0.05, 'here', 0.7], [-0.05, 'paper', 0.702]],
		[[0.1, 'here', 0.83], [0.1, 'paper', 0.8537], [0, 'here', 0.8], [0, 'paper', 0.8334], [-0.05, 'here', 0.15], [-0.05, 'paper', 0.1714]],
		[[0, 0.1, 'here'], [0, 0.1, 'paper'], [0, 0, 'here'], [0, 0, 'paper'], [-0.05, 0, 'here'], [-0.05, 0, 'paper'], [-0.05, -0.05, 'here'], [-0.05, -0.05, 'paper']],
	]);
});

test('effects say where the attack moves against α = 0, and where the paper says', t => {
	const [sampling, , selection] = ablationTables([...everyRun, run('standard by negative', [0, 0, -0.05], {hasSelection: true})]);
	t.deepEqual(sampling!.effects.map(({alpha, effects: [first]}) => [alpha, first?.column.name, first?.direction, first?.paper[0]?.direction]), [[0.1, 'Acc@1', 'stronger', 'stronger'], [-0.05, 'Acc@1', 'weaker', 'weaker']]);
	t.deepEqual(sampling!.table.rows.map(row => row.at(-1)), ['1 of 7', '–', '–', '–', '1 of 7', '–']);
	t.deepEqual(selection!.effects.map(({attacked, alpha}) => [attacked, alpha]), [[0, 0.1], [0, -0.05], [-0.05, -0.05]]);
	// The paper repeats ξ of α = 0 in the row of α = −0.05, which then says nothing.
	t.deepEqual(selection!.effects[1]!.effects.map(({paper}) => paper.length), [1, 1, 1, 1, 1, 0, 0]);
});

test('the order of the runs does not matter', t => {
	t.deepEqual(ablationTables(everyRun.toReversed()), ablationTables(everyRun));
});

test('a row is compared with α = 0 of the same source and the same attacked model', t => {
	t.deepEqual(ablationTables(everyRun).map(({baselines}) => baselines), [[2, 3, 2, 3, 2, 3], [2, 3, 2, 3, 2, 3], [2, 3, 2, 3, 4, 5, 4, 5]]);
});

test('factors that the paper has not stand alone', t => {
	const own = [run('no selection', [0, 0, 0]), run('other', [0.3, 0, 0])];
	t.deepEqual(firstCells(own, 2), [[[0.3, 'here'], [0, 'here'], [0, 'paper']]]);
});

test('a table without two runs to compare is left out, and with all of them it is an error', t => {
	t.deepEqual(ablationTables(everyRun.slice(2, 4)).map(({stage}) => stage), ['sampling']);
	const error = t.throws(() => ablationTables(everyRun.slice(0, 2)), {instanceOf: UserError, message: 'No two variants differ in the target model of one attack stage alone'});
	t.regex(error.hint ?? '', /pipeline run ablations\./);
});

test('starts have an advantage over those of α = 0, above 0 where the attacker gains', t => {
	const starts = startAdvantages(everyRun);
	t.deepEqual(starts.map(({alpha}) => alpha), [0.1, 0, -0.05]);
	t.deepEqual(starts.map(({advantages}) => advantages.map(value => value?.toFixed(2))), [['0.25', '0.00', '0.25', '0.00'], ['0.00', '0.00', '0.00', '0.00'], ['-0.25', '0.00', '-1.00', '0.00']]);
	t.is(startTable(starts).rows.length, 3);
});

test('an advantage over nothing is a dash', t => {
	const starts = startAdvantages([run('a', [0, 0, 0], {accuracyTop1: 0}), run('b', [0.1, 0, 0])]);
	t.is(startTable(starts).rows[0]?.at(-1), '–');
});

test('without α = 0 or another factor there are no advantages of starts', t => {
	t.deepEqual(startAdvantages(everyRun.slice(3, 5)), []);
	t.deepEqual(startAdvantages(everyRun.slice(2, 3)), []);
});

test('the table for spreadsheets has every row with its stage', t => {
	const {columns, rows} = ablationCsvTable(ablationTables(everyRun));
	t.true(rows.every(row => row.length === columns.length));
	t.deepEqual(rows[0]?.slice(0, 5), ['sampling', 0, 0.1, 'here', 0.85]);
	t.deepEqual(rows.at(-1)?.slice(0, 4), ['selection', -0.05, -0.05, 'paper']);
});

test('the page has the tables, the starts and where the numbers come from', t => {
	const page = ablationsPage(everyRun, {seed: 0, params: {}, backend: 'wasm', inputs: []});
	t.deepEqual([...page.matchAll(/<h2>(?<text>[^<]*)<\/h2>/gu)].map(match => match.groups?.text), [
		'Another model chooses the starts', 'Another model is optimized against', 'Another model selects the results', 'The starts alone', 'Where the numbers come from',
	]);
	t.regex(page, /aria-label="Relative advantage of the starts over those of α = 0: δ face, α = 0\.1: \+25 %/u);
});
