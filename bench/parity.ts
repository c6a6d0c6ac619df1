/**
 * Compares every network of test/fixtures/networks.json with what the original computed in float64, in inference and in one training step, and prints the largest errors,
 * in brackets those of PyTorch's own float32.
 *
 *     npx tsx bench/parity.ts [--backend wasm] [CASE...]
 */
import process from 'node:process';
import {parseArgs} from 'node:util';
import {evaluationErrors, networkCases, trainingErrors, type Errors} from '../test/helpers/network-parity.ts';
import {useBackend, type BackendName} from '../tensors/backend.ts';

const {values, positionals} = parseArgs({options: {backend: {type: 'string', default: 'wasm'}}, allowPositionals: true});
await useBackend(values.backend as BackendName);
for (const name of positionals.length > 0 ? positionals : Object.keys(networkCases)) {
	const {evaluation, training} = networkCases[name]!;
	process.stdout.write(`${name}\n`);
	await report('inference', evaluation, () => evaluationErrors(name));
	await report('training', training, async () => trainingErrors(name));
}

async function report(mode: string, {side, count, float32Errors}: {readonly side: number; readonly count: number; readonly float32Errors: Errors}, compare: () => Errors | Promise<Errors>): Promise<void> {
	const start = performance.now();
	const errors = Object.entries(await compare()).map(([kind, error]) => `${kind} ${error.toExponential(1)} (${float32Errors[kind]!.toExponential(1)})`);
	process.stdout.write(`  ${mode.padEnd(10)} ${count} of ${side}×${side}  ${errors.join('  ')}  ${((performance.now() - start) / 1000).toFixed(1)} s\n`);
}
