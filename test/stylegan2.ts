import {mkdirSync, cpSync, readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {makeExperiment, root} from './helpers/experiment.ts';

const experiment = makeExperiment();
const folder = path.join(experiment.folder, 'prior');
const weights = path.join(folder, 'tiny.safetensors');
const settings = {
	importedGenerator: {weights, crop: 14, resize: 16},
	'latentPool.truncation': {psi: 0.5, cutoff: 3},
	'latentPool.numpySeed': 42,
	'sampling.views': 'mirrored',
	'optimization.draws': 'batch',
	'optimization.batchSize': 4,
	'optimization.microBatch': 3,
	'selection.draws': 'class',
	variants: {standard: {'target.alpha': 0}},
	'comparison.baseline': 'standard',
};
const args = ['--params', path.join(root, 'presets/miniature.json'), ...Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${JSON.stringify(value)}`])];

test.before(() => {
	mkdirSync(folder);
	cpSync(path.join(root, 'test/fixtures/stylegan2-file.safetensors'), weights);
});

test.after.always(() => {
	experiment[Symbol.dispose]();
});

test.serial('the attack runs with an imported StyleGAN2, and trains no generator', async t => {
	const {exitCode, stderr, ran, warnings} = await experiment.report(args);
	t.is(stderr, '');
	t.is(exitCode, 0);
	t.deepEqual(warnings, []);
	t.true(['imported-generator', 'latent-mapping', 'optimization', 'metrics', 'report'].every(name => ran.some(node => node.startsWith(name))));
	t.false(ran.some(node => node.startsWith('generator-training') || node.startsWith('prior-faces')));
	const {rows} = JSON.parse(readFileSync(path.join(experiment.folder, 'reports/miniature/results.json'), 'utf8')) as {rows: unknown[]};
	t.is(rows.length, 1);
});

test.serial('another run reuses everything', async t => {
	t.deepEqual((await experiment.report(args)).ran, []);
});

test.serial('images of another size than those of the data set are refused before anything runs', async t => {
	const {exitCode, stderr} = await experiment.run([...args, '--set', 'importedGenerator.resize=12']);
	t.is(exitCode, 2);
	t.regex(stderr, /"importedGenerator\.resize" is 12, but the images of the data set have 16 pixels/);
});
