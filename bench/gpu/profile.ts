import * as tf from '@tensorflow/tfjs-core';

/** Where the time of a step goes. */
export type Profile = {
	/** Of a whole step, by the clock. */
	readonly wallMs: number;
	/** That programs of the GPU were at work, by its own clock; absent where the backend does not tell. */
	readonly kernelMs?: number;
	/** Programs that a step starts. */
	readonly count?: number;
	/** Those that take longest, longest first. */
	readonly programs?: ReadonlyArray<{readonly name: string; readonly count: number; readonly ms: number}>;
};

/** What the WebGPU backend tells, as `NAME: MS, NAME: MS`. */
type TimingBackend = {time(action: () => void): Promise<{readonly getExtraProfileInfo?: () => string}>};

const shown = 8;

/** The programs of one more step. The backend waits for each of them meanwhile, so this step is not the one that is timed. */
export async function profileOf(run: () => Promise<unknown>): Promise<Profile> {
	if (tf.getBackend() !== 'webgpu') {
		return {wallMs: 0};
	}

	let finished: Promise<unknown> | undefined;
	const {getExtraProfileInfo} = await (tf.backend() as unknown as TimingBackend).time(() => {
		finished = run();
	});
	await finished;
	const entries = (getExtraProfileInfo?.() ?? '').split(', ').map(entry => entry.split(': ')).map(([name, ms]) => ({name: name!, ms: Number(ms)}));
	const byName = new Map<string, {count: number; ms: number}>();
	for (const {name, ms} of entries) {
		const {count, ms: before} = byName.get(name) ?? {count: 0, ms: 0};
		byName.set(name, {count: count + 1, ms: before + ms});
	}

	const programs = [...byName].map(([name, program]) => ({name, ...program})).toSorted((a, b) => b.ms - a.ms);
	return {wallMs: 0, kernelMs: programs.reduce((sum, {ms}) => sum + ms, 0), count: entries.length, programs: programs.slice(0, shown)};
}
