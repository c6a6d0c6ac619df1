import path from 'node:path';
import test from 'ava';
import {makeExperiment, root} from './helpers/experiment.ts';
import {start} from './helpers/cli.ts';

const miniature = ['metrics', '--params', path.join(root, 'presets/miniature.json'), '--set', 'variants={"standard":{}}'];

test('the numbers of a run come again from its exported models', async t => {
	using experiment = makeExperiment();
	const trained = await experiment.report(miniature);
	t.is(trained.exitCode, 0);

	const imports: string[] = [];
	for (const [model, output] of [['target', 'target-training.target'], ['evaluation', 'evaluation-training.evaluation'], ['embedding', 'embedding-training.embedding']] as const) {
		const file = path.join(experiment.folder, `${model}.safetensors`);
		const shown = await start(root, ['show', output, ...miniature.slice(1), '--cache', path.join(experiment.folder, 'cache'), '--backend', 'wasm', '--to', file]).ended();
		t.is(shown.exitCode, 0);
		imports.push('--set', `${model}.weights=${file}`);
	}

	const imported = await experiment.report([...miniature, ...imports]);
	t.is(imported.exitCode, 0);
	t.deepEqual(imported.warnings, []);
	// The imported models are the trained ones to the byte, so all that follows is there already; of the embedding model, all but its last layer, so it is asked again.
	t.deepEqual(imported.ran, ['embedding-import', 'embedding-on-selected', 'embedding-on-train', 'evaluation-import', 'target-import']);
	t.is(imported.digests['target-import']?.model, trained.digests['target-training']?.target);
	t.deepEqual(imported.digests.metrics, trained.digests.metrics);
});
