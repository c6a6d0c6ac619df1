import {createHash, randomUUID} from 'node:crypto';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {Static, TObject} from '@sinclair/typebox';
import type {AnyArtifactType, ValueOf} from '../../engine/artifact.ts';
import type {InputDeclaration, InputValue, Stage, ThreadFunctions, Threads} from '../../engine/stage.ts';
import {ScratchFiles} from '../../engine/scratch-files.ts';
import {bytesOf} from './bytes.ts';

/** What a stage did. */
export type Performance<Outputs extends Record<string, AnyArtifactType>> = {
	readonly outputs: {readonly [Key in keyof Outputs]: ValueOf<Outputs[Key]>};
	/** Output name → digest of its encoded bytes. */
	readonly digests: Readonly<Record<string, string>>;
	/** What it logged. */
	readonly lines: readonly string[];
	/** What it reported, as `done/total unit`. */
	readonly steps: readonly string[];
	/** Tensors it left behind. */
	readonly leakedTensors: number;
};

/** Calls the functions of a stage where it runs itself. */
export function inThisThread<Functions extends ThreadFunctions>(functions: Functions): Threads<Functions> {
	return Object.fromEntries(Object.entries(functions).map(([name, call]) => [name, async function * (jobs: Iterable<unknown>) {
		for (const job of jobs) {
			yield call(job);
		}
	}])) as Threads<any> as Threads<Functions>;
}

/** Runs a stage as a worker does, in this process. */
export async function perform<Name extends string, Inputs extends Record<string, InputDeclaration>, Params extends TObject, Outputs extends Record<string, AnyArtifactType>>(
	stage: Stage<Name, Inputs, Params, Outputs>,
	inputs: {readonly [Key in keyof Inputs]: InputValue<Inputs[Key]>},
	params: Static<Params>,
	{seed = 'seed', digests = {}}: {readonly seed?: string; readonly digests?: Readonly<Record<string, Readonly<Record<string, string>>>>} = {},
): Promise<Performance<Outputs>> {
	const lines: string[] = [];
	const steps: string[] = [];
	const liveTensors = () => stage.runtime?.liveValues() ?? 0;
	const before = liveTensors();
	using scratch = new ScratchFiles(path.join(tmpdir(), `scratch-${randomUUID()}`));
	const outputs = await stage.run(inputs, params, {
		seed,
		backend: 'wasm 4.22.0',
		digests,
		async onStep(done, total, unit = 'step') {
			steps.push(`${done}/${total} ${unit}`);
		},
		log: line => lines.push(line),
		signal: new AbortController().signal,
		scratchFile: () => scratch.make(),
		threads: inThisThread(stage.threads as ThreadFunctions | undefined ?? {}),
	});
	return {
		outputs,
		digests: Object.fromEntries(Object.entries(stage.outputs).map(([name, type]) => [name, createHash('sha256').update(bytesOf(type, outputs[name])).digest('hex')])),
		lines,
		steps,
		leakedTensors: liveTensors() - before,
	};
}
