/**
 * Times a training step of ResNet-50 and an attack step on StyleGAN2 on a GPU, beside PyTorch on the same machine. `bench/gpu.ts` packs it into a folder that needs no network:
 *
 *     node run.cjs [--tiny] [--backend webgpu] [--steps 10] [--json FILE] [--python python3]
 *
 * `--tiny` takes small sizes, for trying it out where there is no GPU.
 */
import {spawnSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {parseArgs} from 'node:util';
import {UserError} from '../../engine/error.ts';
import {useBackend, type BackendName} from '../../tensors/backend.ts';
import {profileOf, type Profile} from './profile.ts';
import {attackStep, sizesOf, trainingStep, type Step} from './steps.ts';
import {report, type TorchResult} from './table.ts';

const {values} = parseArgs({options: {
	tiny: {type: 'boolean', default: false},
	backend: {type: 'string', default: 'webgpu'},
	steps: {type: 'string', default: '10'},
	json: {type: 'string', default: 'result.json'},
	python: {type: 'string', default: 'python3'},
}});
const steps = Number(values.steps);
const sizes = sizesOf(values.tiny);
// eslint-disable-next-line unicorn/prefer-top-level-await -- it is packed as CommonJS, which has none
void orExplain(main);

/** A backend that does not work here is no mistake of this program: what it says is shown without a stack. */
async function orExplain(perform: () => Promise<void>): Promise<void> {
	try {
		await perform();
	} catch (error) {
		if (!(error instanceof UserError)) {
			throw error;
		}

		process.stderr.write(`${error.message}\n${error.hint ?? ''}\n`);
		process.exitCode = 1;
	}
}

async function main(): Promise<void> {
	const device = await useBackend(values.backend as BackendName);
	note(`${values.backend}: ${device?.name ?? 'this machine'}`);
	const measured: Record<string, Profile> = {};
	for (const [name, make] of Object.entries({training: () => trainingStep(sizes.training), attack: () => attackStep(sizes.attack)})) {
		note(`${name} step …`);
		measured[name] = await measure(make());
	}

	const torch = runTorch();
	const result = {backend: values.backend, device: device?.name, node: process.version, sizes, steps, measured, torch};
	writeFileSync(values.json, `${JSON.stringify(result, undefined, '\t')}\n`);
	process.stdout.write(report(result));
	process.exit();
}

/** Median wall time after two steps that compile, and where a further step's time goes. */
async function measure({run, dispose}: Step): Promise<Profile> {
	await run();
	await run();
	const times: number[] = [];
	for (let step = 0; step < steps; step++) {
		const start = performance.now();
		await run();
		times.push(performance.now() - start);
	}

	const profile = await profileOf(run);
	dispose();
	return {...profile, wallMs: times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!};
}

/** What PyTorch takes; nothing where Python has no PyTorch. */
function runTorch(): TorchResult | undefined {
	note('PyTorch …');
	const {status, stdout, stderr} = spawnSync(values.python, [path.join(import.meta.dirname, 'torch_steps.py')], {input: JSON.stringify({steps, sizes}), encoding: 'utf8'});
	if (status !== 0) {
		note(`PyTorch was not measured: ${stderr?.trim().split('\n').at(-1) ?? `${values.python} cannot be started`}`);
		return undefined;
	}

	return JSON.parse(stdout) as TorchResult;
}

function note(line: string): void {
	process.stderr.write(`${line}\n`);
}
