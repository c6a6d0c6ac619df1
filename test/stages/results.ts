import test from 'ava';
import {comparison} from '../../stages/85-comparison.ts';
import {metrics} from '../../stages/80-metrics.ts';
import {sensitivity} from '../../stages/87-sensitivity.ts';
import {report} from '../../stages/90-report.ts';
import {useBackend} from '../../tensors/backend.ts';
import {attackEvidence} from '../helpers/attack-evidence.ts';
import {colouredImages, metricsOf, syntheticReport} from '../helpers/report.ts';
import {perform} from '../helpers/stage.ts';
import {untrainedClassifier, untrainedSize} from '../helpers/untrained.ts';

const variants = [{name: 'standard', alpha: 0}, {name: 'positive', alpha: 0.1}, {name: 'negative', alpha: -0.05}];

const byVariant = <Value>(value: (name: string) => Value) => Object.fromEntries(variants.map(({name}) => [name, value(name)]));

test.before(async () => {
	await useBackend('wasm');
});

test.serial('metrics are finite and follow from what the models say', async t => {
	const images = (seed: string) => colouredImages(seed, {classes: 3, perClass: 2, size: untrainedSize});
	const inputs = await attackEvidence({
		images: images('images'),
		candidates: images('candidates'),
		initialImages: images('initial'),
		train: images('train'),
		test: images('test'),
		target: untrainedClassifier('target'),
		evaluation: untrainedClassifier('evaluation', {architecture: 'evaluation-small'}),
		embedding: untrainedClassifier('embedding', {architecture: 'embedding-small'}),
		surrogate: untrainedClassifier('surrogate'),
	});
	const {outputs, digests} = await perform(metrics, inputs, {});
	t.true(Object.values(outputs.metrics).every(value => Number.isFinite(value)));
	t.is(outputs.nearest.length, 6);
	t.deepEqual((await perform(metrics, inputs, {})).digests, digests);

	const {lines} = await perform(metrics, inputs, {});
	t.is(lines.length, 1);
	t.true(lines[0]!.startsWith('precision, recall, density and coverage are left out'));
	const chosen = await perform(metrics, inputs, {neighbours: 1, prdcDefinition: 'official'});
	t.deepEqual(chosen.lines, []);
	t.true(Object.values(chosen.outputs.metrics).every(value => Number.isFinite(value)));
	t.is(Object.keys(chosen.outputs.metrics).length, Object.keys(outputs.metrics).length + 4);
});

test('the comparison counts effects above what its columns mean', async t => {
	const {outputs: {table, csv}} = await perform(comparison, {metrics: metricsOf}, {baseline: 'standard', variants});
	t.deepEqual(table.rows.map(row => row.slice(0, 2)), [['positive', 0.1], ['standard', 0], ['negative', -0.05]]);
	t.deepEqual(table.notes, [
		'positive (α = 0.1): the attack is stronger by 7 of 7 metrics; 6 of 7 directions as in the paper.',
		'negative (α = −0.05): the attack is weaker by 7 of 7 metrics; 7 of 7 directions as in the paper.',
		'Compared with "standard" (α = 0).',
		'The attack is stronger when Acc@1, Acc@5 and ξ are higher, and when δ and FID are lower. Test Acc and ECE describe the target model.',
	]);
	t.is(csv.split('\r\n').length, 5);
});

test('the advantage in CSV files and figures is a choice', async t => {
	const compared = await perform(comparison, {metrics: metricsOf}, {advantage: 'absolute', baseline: 'standard', variants});
	t.true(compared.outputs.csv.split('\r\n')[0]!.includes(',absolute advantage Acc@1,'));
	const example = syntheticReport();
	const inputs = {
		metrics: metricsOf,
		images: byVariant(name => example.variants.find(variant => variant.name === name)!.reconstructions),
		train: byVariant(() => example.variants[0]!.trainingImages),
		backend: byVariant(() => 'wasm 4.22.0'),
	};
	const params = {paths: ['target.alpha'], points: variants.map(({name, alpha}) => ({name, values: [alpha], seed: 3, alpha})), failed: [], params: {seed: 3}};
	const context = {digests: {metrics: byVariant(name => `${name}-digest`)}};
	const {outputs: relative} = await perform(sensitivity, inputs, params, context);
	const {outputs: absolute} = await perform(sensitivity, inputs, {...params, advantage: 'absolute' as const}, context);
	t.true(relative.page.includes('relative advantage in Acc@1') && relative.page.includes('relative change against'));
	t.true(absolute.page.includes('absolute advantage in Acc@1') && absolute.page.includes('difference against'));
	const gains = (csv: string, name: string) => csv.split('\r\n').slice(0, 3).map(line => line.split(',')[csv.split('\r\n')[0]!.split(',').indexOf(name)]);
	t.deepEqual(gains(absolute.csv, 'absolute advantage Acc@1').slice(0, 2), ['absolute advantage Acc@1', '0']);
	t.true(Math.abs(Number(gains(absolute.csv, 'absolute advantage Acc@1')[2]) - (0.867 - 0.818)) < 1e-12);
	t.true(Math.abs(Number(gains(relative.csv, 'advantage Acc@1')[2]) - ((0.867 - 0.818) / 0.818)) < 1e-12);
});

test('variants are compared whatever order their results come in', async t => {
	const {digests} = await perform(comparison, {metrics: metricsOf}, {baseline: 'standard', variants});
	const {negative, positive, standard} = metricsOf;
	t.deepEqual((await perform(comparison, {metrics: {negative, positive, standard}}, {baseline: 'standard', variants})).digests, digests);
});

test('the report shows every variant and where its numbers come from', async t => {
	const example = syntheticReport();
	const of = (name: string) => example.variants.find(variant => variant.name === name)!;
	const inputs = {
		metrics: metricsOf,
		images: byVariant(name => of(name).reconstructions),
		nearest: byVariant(name => [...of(name).nearest as Int32Array]),
		train: byVariant(name => of(name).trainingImages),
		compared: byVariant(name => of(name).compared),
		targetHistory: byVariant(name => of(name).training!),
		attackHistory: byVariant(name => of(name).optimization!),
		backend: byVariant(() => 'wasm 4.22.0'),
	};
	const params = {identities: 2, trainingImages: 2, reconstructions: 1, baseline: 'standard', variants, seed: 3, params: '{"target":{"alpha":0.25}}'};
	const context = {digests: {metrics: byVariant(name => `${name}-digest`)}};
	const {outputs: {page}, digests} = await perform(report, inputs, params, context);
	t.true(page.startsWith('<!doctype html>'));
	t.deepEqual(['positive', 'negative', 'negative-digest', 'wasm 4.22.0', '0.25'].filter(text => !page.includes(text)), []);

	t.deepEqual((await perform(report, inputs, params, context)).digests, digests);
});

test('the sensitivity of a sweep is a table, a record, CSV and a page that name their points', async t => {
	const example = syntheticReport();
	const inputs = {
		metrics: metricsOf,
		images: byVariant(name => example.variants.find(variant => variant.name === name)!.reconstructions),
		train: byVariant(() => example.variants[0]!.trainingImages),
		backend: byVariant(() => 'wasm 4.22.0'),
	};
	const params = {paths: ['target.alpha'], points: variants.map(({name, alpha}) => ({name, values: [alpha], seed: 3, alpha})), failed: [{name: 'alpha=9', values: [9]}], params: {seed: 3}};
	const context = {digests: {metrics: byVariant(name => `${name}-digest`)}};
	const {outputs: {table, sensitivity: record, csv, page}, digests} = await perform(sensitivity, inputs, params, context);
	t.deepEqual(table.rows.map(([alpha]) => alpha), [0, 0.1, -0.05, 9]);
	t.deepEqual(record.cells.map(({values, seeds}) => [values, seeds]), [[[0], [3]], [[0.1], [3]], [[-0.05], [3]]]);
	t.is(csv.split('\r\n').length, 5);
	t.deepEqual(['α = −0.05', 'negative-digest', 'wasm 4.22.0', 'alpha=9'].filter(text => !page.includes(text)), []);

	t.deepEqual((await perform(sensitivity, inputs, params, context)).digests, digests);
});
