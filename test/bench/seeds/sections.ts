import test from 'ava';
import {studySections} from '../../../bench/seeds/sections.ts';
import type {MeasuredVariant, SeedStudy} from '../../../bench/seeds/study.ts';
import {metricsWith} from '../../helpers/sweep.ts';

const table = (value: number) => ({title: 'Analysis', columns: [{name: 'ECE', format: 'fixed3' as const}], rows: [[value]], notes: []});
const selected = {'surrogate.reconstructions': 'selected', 'selection.keepPerClass': 9};

/** A study whose attacks all have an accuracy that the seed shifts. */
function study(seed: number): SeedStudy {
	const variant = (name: string, accuracy: number, {alpha = 0, ...changes}: Partial<MeasuredVariant>): MeasuredVariant => ({
		name, alpha, seed, samples: 20, patch: {}, samplingAlpha: alpha, optimizationAlpha: alpha, selectionAlpha: alpha, hasSelection: true,
		metrics: metricsWith({attackAccuracyTop1: accuracy + (seed / 10)}), start: {accuracyTop1: 0.3, evaluationConfidence: 0.2, faceDistance: 0.8, evaluationDistance: 8}, ...changes,
	});
	return {
		seed,
		variants: [
			variant('standard', 0.5, {}),
			variant('positive', 0.7, {alpha: 0.1, patch: {'target.alpha': 0.1}}),
			variant('plain', 0.4, {patch: selected, hasSelection: false}),
			variant('ablated', 0.6 - (seed / 2), {patch: {...selected, 'sampling.target': {alpha: 0.1}}, samplingAlpha: 0.1, hasSelection: false}),
		],
		analyses: {embedding: table(seed), similarity: table(0.5), reliability: table(2 * seed)},
		backend: 'wasm',
	};
}

const sections = studySections([study(0), study(1)]);
const rowsOf = (name: string) => sections.get(name)!.map(({rows}) => rows.map(row => row.join(' | ')));

test('every table of the study has its place', t => {
	t.deepEqual([...sections].map(([name, tables]) => [name, tables.length]), [
		['smoothing-factors', 2], ['stage-ablations', 3], ['embedding', 1], ['gradient-similarity', 1], ['reliability', 1], ['every-seed', 1], ['other-metrics', 1],
	]);
});

test('groups are averaged over seeds, and their effects compared seed by seed', t => {
	const [numbers, effects] = rowsOf('smoothing-factors');
	t.true(numbers![0]!.startsWith('0 | 2 | ') && numbers![0]!.includes(' | 55.0±7.1 | '));
	t.true(effects![0]!.startsWith('α = 0.1 | +20.0±0.0 (2/2) | '));
});

test('ablations keep the rows of the paper, and count the seeds that agree with it', t => {
	const [numbers, effects] = rowsOf('stage-ablations');
	t.deepEqual(numbers!.map(row => row.split(' | ').slice(0, 3)), [['0.1', 'here', '40.0±28.3'], ['0.1', 'paper', '0.8609'], ['0', 'here', '45.0±7.1'], ['0', 'paper', '0.8334']]);
	t.true(effects![0]!.startsWith('sampling α = 0.1 | −5.0±35.4 (1/2) | '));
});

test('single seeds and other metrics are told too', t => {
	t.deepEqual(rowsOf('every-seed')[0]!.map(row => row.split(' | ').slice(0, 2)), [['0', 'standard'], ['0', 'positive'], ['1', 'standard'], ['1', 'positive']]);
	t.is(rowsOf('other-metrics')[0]!.length, 4);
	t.deepEqual(rowsOf('embedding'), [['0.500±0.707']]);
	t.deepEqual(rowsOf('gradient-similarity'), [['0.5']]);
});

test('a study without ablations has no place for them', t => {
	t.false(studySections([{...study(0), variants: study(0).variants.slice(0, 2)}]).has('stage-ablations'));
});
