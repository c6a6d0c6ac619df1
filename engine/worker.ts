/** The process that runs stages: takes one job at a time, writes its outputs to the job's folder, and reports. The threads it starts for a stage run this module, too. */
import {Buffer} from 'node:buffer';
import {closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {StringDecoder} from 'node:string_decoder';
import {setImmediate} from 'node:timers/promises';
import {pathToFileURL} from 'node:url';
import {isMainThread, Worker as Thread} from 'node:worker_threads';
import {Checkpointer} from './checkpointer.ts';
import {DamagedObject, decodeInput} from './decode-input.ts';
import {digestBytes, digestStream, type Digest} from './digest.ts';
import {explainDiskError} from './disk-error.ts';
import {CancelledError, UserError} from './error.ts';
import {checkFinite} from './finite.ts';
import {importModule} from './host.js';
import {isolated, nowMs as engineNowMs, watchNode} from './isolation.ts';
import {OpenedFiles} from './opened-files.ts';
import {toPlainError, type Job, type Reply, type Request, type WrittenArtifact} from './protocol.ts';
import {inlineLimitBytes} from './inline-limit.ts';
import {ScratchFiles, scratchFolderOf} from './scratch-files.ts';
import {ThreadPool} from './thread-pool.ts';
import {serveThread} from './thread.ts';
import type {AnyArtifactType} from './artifact.ts';
import type {AnyStage, OnStep, Runtime, StageContext} from './stage.ts';

/** How long a stage computes before the process looks at its messages. */
const yieldEveryMs = 25;

/** How often progress is sent. */
const reportEveryMs = 200;

let controller = new AbortController();

if (isMainThread) {
	serve();
} else {
	serveThread();
}

function serve(): void {
	// The terminal sends Ctrl-C to every process of the group; the coordinator decides what happens then.
	process.on('SIGINT', () => undefined);
	process.on('disconnect', () => {
		process.exit(1);
	});
	process.on('message', (request: Request) => {
		void handle(request);
	});
	capture('stdout');
	capture('stderr');
	watchNode();
	send({type: 'ready'});
	// Takes milliseconds, which the first job need not wait for.
	dieWithParent();
}

/** Sends what the stage prints the way its replies go, so that it arrives before them. */
function capture(name: 'stdout' | 'stderr'): void {
	const decoder = new StringDecoder('utf8');
	process[name].write = (chunk: string | Uint8Array, encoding?: BufferEncoding | (() => void), callback?: () => void) => {
		send({type: 'output', stream: name, text: typeof chunk === 'string' ? chunk : decoder.write(chunk)});
		const done = typeof encoding === 'function' ? encoding : callback;
		done?.();
		return true;
	};
}

/** A stage that never yields hears no message; a thread of its own sees that the coordinator is gone. */
function dieWithParent(): void {
	const source = `setInterval(() => { if (process.ppid !== ${Number(process.argv[2])}) process.kill(process.pid, 'SIGKILL'); }, 500);`;
	new Thread(source, {eval: true}).unref();
}

async function handle(request: Request): Promise<void> {
	switch (request.type) {
		case 'cancel': {
			controller.abort();
			break;
		}

		case 'probe': {
			send({type: 'probed', ...await probe(request.stageFile, request.backend)});
			break;
		}

		case 'run': {
			controller = new AbortController();
			await run(request.job);
			break;
		}
	}
}

async function run(job: Job): Promise<void> {
	try {
		const memory = startPeakMemory();
		const stage = await isolated({job, log, isLoading: true}, async () => load(job.stageFile));
		const {outputs, earlierMs} = await compute(stage, job);
		send({type: 'done', outputs, earlierMs, peakMemoryBytes: memory.peakBytes(), memoryBytes: process.memoryUsage.rss()});
	} catch (error) {
		if (error instanceof CancelledError || controller.signal.aborted) {
			send({type: 'cancelled'});
		} else {
			send({type: 'failed', error: toPlainError(error), damaged: error instanceof DamagedObject ? error.digest : null});
		}
	}
}

async function probe(stageFile: string, backend: string): Promise<Pick<Extract<Reply, {type: 'probed'}>, 'error' | 'device'>> {
	try {
		const {runtime} = await load(stageFile);
		return {error: null, device: await runtime?.use(backend) ?? null};
	} catch (error) {
		return {error: error instanceof Error ? error.message : String(error), device: null};
	}
}

async function load(stageFile: string): Promise<AnyStage> {
	const module = await importModule(pathToFileURL(stageFile).href) as {default: AnyStage};
	return module.default;
}

async function compute(stage: AnyStage, job: Job): Promise<{readonly outputs: Record<string, WrittenArtifact>; readonly earlierMs: number}> {
	const {runtime} = stage;
	if (runtime && job.backend !== null) {
		checkDevice(await runtime.use(job.backend), job);
	}

	using scratch = new ScratchFiles(scratchFolderOf(job.folder));
	using files = new OpenedFiles();
	await using threads = new ThreadPool({threadFile: import.meta.filename, job, signal: controller.signal, log});
	const inputs = Object.fromEntries(Object.entries(job.inputs).map(([name, source]) => [name, decodeInput(stage.inputs[name] as never, source, files)]));
	const before = runtime?.liveValues() ?? 0;
	const {params, seed, backend, inputs: digests} = job.ingredients;
	// Beside the folder, because it is made for outputs only; what a process that dies leaves there is swept.
	const checkpointer = job.checkpoint && new Checkpointer(job.checkpoint, {temporaryFile: `${job.folder}.checkpoint`, log, clock: engineNowMs});
	const context: StageContext<unknown> = {
		seed: seed ?? '', backend: backend ?? '', digests, onStep: stepper(checkpointer), resume: checkpointer?.resumed?.state, log, signal: controller.signal,
		scratchFile: () => scratch.make(),
		threads: threads.calling(stage.threads ?? {}),
	};
	const values = await isolated({job, log}, async () => stage.run(inputs, params, context)) as Record<string, unknown>;
	const leaked = (runtime?.liveValues() ?? 0) - before;
	if (leaked > 0) {
		log(`warning: the stage leaks ${leaked} tensors`);
	}

	const outputs = Object.fromEntries(Object.entries(stage.outputs as Record<string, AnyArtifactType>).map(([name, type]) => {
		if (values[name] === undefined) {
			throw new UserError('output-missing', `Stage "${stage.name}" did not return its output "${name}"`);
		}

		if (!type.mayHoldNonFinite) {
			checkFinite(stage.name, name, values[name]);
		}

		return [name, writeArtifact(path.join(job.folder, name), type, values[name])];
	}));
	return {outputs, earlierMs: checkpointer?.earlierMs ?? 0};
}

/** What is computed is recorded under the device that the plan found. */
function checkDevice(device: Awaited<ReturnType<Runtime['use']>>, {backend, ingredients}: Job): void {
	if (device && !ingredients.backend?.endsWith(device.name)) {
		throw new UserError('device-changed', `The backend "${backend}" computes on another device than when the run began`, {
			facts: {planned: ingredients.backend ?? '', found: device.name},
			hint: 'Run again.',
		});
	}
}

/** The bytes of a small artifact, the file of a large one. Hashes while writing, so that an artifact of any size costs one pass and constant memory. */
function writeArtifact(file: string, type: AnyArtifactType, value: unknown): WrittenArtifact {
	const chunks = type.encode(value)[Symbol.iterator]();
	const first: Uint8Array[] = [];
	let firstBytes = 0;
	for (let next = chunks.next(); !next.done; next = chunks.next()) {
		first.push(next.value);
		firstBytes += next.value.length;
		if (firstBytes > inlineLimitBytes) {
			return {...writeFile(file, chained(first, chunks)), kind: type.kind};
		}
	}

	const bytes = first.length === 1 ? first[0]! : Buffer.concat(first);
	return {digest: digestBytes(bytes), sizeBytes: bytes.length, kind: type.kind, bytes};
}

function * chained(first: readonly Uint8Array[], rest: Iterator<Uint8Array>): Iterable<Uint8Array> {
	yield * first;
	for (let next = rest.next(); !next.done; next = rest.next()) {
		yield next.value;
	}
}

function writeFile(file: string, chunks: Iterable<Uint8Array>): {digest: Digest; sizeBytes: number; file: string} {
	const stream = digestStream();
	let sizeBytes = 0;
	try {
		mkdirSync(path.dirname(file), {recursive: true});
		const descriptor = openSync(file, 'w');
		try {
			for (const chunk of chunks) {
				stream.update(chunk);
				writeAll(descriptor, chunk);
				sizeBytes += chunk.length;
			}

			fsyncSync(descriptor);
		} finally {
			closeSync(descriptor);
		}
	} catch (error) {
		// The file is in the folder of one node, in the temporary folder of the cache.
		throw explainDiskError(error, path.dirname(path.dirname(path.dirname(file))));
	}

	return {digest: stream.digest(), sizeBytes, file};
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
	for (let written = 0; written < bytes.length;) {
		written += writeSync(descriptor, bytes, written);
	}
}

function stepper(checkpointer: Checkpointer | undefined): OnStep<unknown> {
	const {resumed} = checkpointer ?? {};
	let yieldedMs = engineNowMs();
	// The first step is reported at once, however young the process is.
	let reportedMs = Number.NEGATIVE_INFINITY;
	return async (done, total, unit = 'step', takeState = undefined) => {
		const nowMs = engineNowMs();
		if (nowMs - reportedMs >= reportEveryMs || done >= total) {
			reportedMs = nowMs;
			const resumedFrom = resumed?.total === total && resumed.unit === unit ? resumed.done : 0;
			send({type: 'step', done, total, unit, resumedFrom, memoryBytes: process.memoryUsage.rss()});
		}

		if (nowMs - yieldedMs >= yieldEveryMs) {
			await setImmediate();
			yieldedMs = engineNowMs();
		}

		if (takeState && checkpointer && (controller.signal.aborted || checkpointer.isDue())) {
			await checkpointer.save({done, total, unit}, takeState);
		}

		if (controller.signal.aborted) {
			throw new CancelledError();
		}
	};
}

/** Largest resident memory from now on. Linux keeps it; elsewhere the process's own maximum stands in. */
function startPeakMemory(): {peakBytes: () => number} {
	try {
		writeFileSync('/proc/self/clear_refs', '5');
		return {peakBytes: () => 1024 * Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? 0)};
	} catch {
		return {peakBytes: () => 1024 * process.resourceUsage().maxRSS};
	}
}

function log(line: string): void {
	send({type: 'log', line});
}

function send(reply: Reply): void {
	// A failed send means that the coordinator is gone; `disconnect` ends this process then.
	process.send?.(reply, undefined, undefined, () => undefined);
}
