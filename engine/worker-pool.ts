import {constants, setPriority} from 'node:os';
import process from 'node:process';
import type {ResultPromise} from 'execa';
import {CancelledError, UserError} from './error.ts';
import type {Job, PlainError, Reply, Request} from './protocol.ts';
import type {Digest} from './digest.ts';
import type {ComputingDevice} from './stage.ts';

/** What one job ended with. */
export type JobOutcome =
	| Extract<Reply, {type: 'done'}>
	| Extract<Reply, {type: 'cancelled'}>
	| {readonly type: 'failed'; readonly error: PlainError; readonly damaged: Digest | null};

/** What a job tells while it runs. */
export type JobListener = {
	readonly onStep: (step: Extract<Reply, {type: 'step'}>) => void;
	readonly onLine: (line: string) => void;
};

/** What trying a backend out has shown. */
export type Probed = {
	/** What is wrong with it; absent when it works. */
	readonly problem: string | undefined;
	/** What it computes on, where its results depend on that. */
	readonly device: ComputingDevice | undefined;
};

type Worker = {
	readonly process: ResultPromise<{node: true; ipc: true; buffer: false; reject: false}>;
	/** Settled by the next reply that ends what the worker does, or by its death. */
	finish: ((reply: Reply) => void) | undefined;
	listener: JobListener | undefined;
	/** What is printed and is no whole line yet, by stream. */
	readonly printed: Readonly<Record<'stdout' | 'stderr', Lines>>;
	lastLines: string[];
	/** How it died; absent while it lives. */
	death: PlainError | undefined;
};

/** A worker above this is replaced: WebAssembly memory never shrinks. */
const retireAboveBytes = 900 * (1024 ** 2);

/** How much of a dead worker's output is shown. */
const lastLinesKept = 12;

/** Processes that run stages, reused from job to job and replaced when they die. */
export class WorkerPool implements AsyncDisposable {
	readonly #workerFile: string;
	readonly #yields: boolean;
	readonly #idle: Worker[] = [];
	/** Every worker that was started and has not died, whatever it does. */
	readonly #alive = new Set<Worker>();
	/** A worker that was started before there was a job for it. */
	#early: Promise<Worker> | undefined;
	#isClosed = false;

	/** @param options.yields whether workers leave the processor to others that need it, such as the compiler while a pipeline is edited */
	constructor(workerFile: string, {yields = false}: {readonly yields?: boolean} = {}) {
		this.#workerFile = workerFile;
		this.#yields = yields;
	}

	/** Starts a worker for the first job, which takes as long as planning does. */
	startEarly(): void {
		this.#early = this.#start();
		// Whoever takes it learns what went wrong.
		void Promise.allSettled([this.#early]);
	}

	/**
	 * Runs a job in an idle or a new worker. Never rejects for what the stage or its process does.
	 * @param signal when aborted, the stage stops at its next step
	 */
	async run(job: Job, listener: JobListener, signal: AbortSignal): Promise<JobOutcome> {
		const worker = await this.#take();
		if (signal.aborted) {
			this.#idle.push(worker);
			return {type: 'cancelled'};
		}

		const cancel = () => {
			tell(worker, {type: 'cancel'});
		};

		signal.addEventListener('abort', cancel);
		worker.listener = listener;
		worker.lastLines = [];
		const reply = await this.#ask(worker, {type: 'run', job});
		flush(worker);
		worker.listener = undefined;
		signal.removeEventListener('abort', cancel);
		switch (reply.type) {
			case 'done': {
				if (reply.memoryBytes > retireAboveBytes) {
					worker.process.kill();
				} else {
					this.#idle.push(worker);
				}

				return reply;
			}

			case 'failed': {
				// After an error a library may hold anything; a new process starts clean.
				worker.process.kill();
				return reply;
			}

			default: {
				worker.process.kill();
				return {type: 'cancelled'};
			}
		}
	}

	/** Whether a backend works here and on what, or what is wrong with it. */
	async probe(stageFile: string, backend: string): Promise<Probed> {
		const worker = await this.#take();
		const reply = await this.#ask(worker, {type: 'probe', stageFile, backend});
		worker.process.kill();
		if (reply.type === 'probed') {
			return {problem: reply.error ?? undefined, device: reply.device ?? undefined};
		}

		return {problem: reply.type === 'failed' ? reply.error.message : 'the probe was interrupted', device: undefined};
	}

	/** Kills every worker at once. */
	kill(): void {
		for (const worker of this.#alive) {
			worker.process.kill('SIGKILL');
		}
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#isClosed = true;
		this.kill();
		await Promise.all([...this.#alive].map(async worker => worker.process));
	}

	async #take(): Promise<Worker> {
		const early = this.#early;
		this.#early = undefined;
		return early ?? this.#idle.pop() ?? this.#start();
	}

	async #start(): Promise<Worker> {
		const {execa} = await import('execa');
		if (this.#isClosed) {
			throw new CancelledError();
		}

		const worker: Worker = {
			process: execa({
				node: true,
				ipc: true,
				buffer: false,
				reject: false,
				stdin: 'ignore',
				nodeOptions: ['--enable-source-maps'],
			})(this.#workerFile, [String(process.pid)]) as unknown as Worker['process'],
			finish: undefined,
			listener: undefined,
			printed: {stdout: new Lines(), stderr: new Lines()},
			lastLines: [],
			death: undefined,
		};
		this.#alive.add(worker);
		if (this.#yields) {
			yieldProcessor(worker);
		}

		const ready = new Promise<Reply>(resolve => {
			worker.finish = resolve;
		});
		const child = worker.process as unknown as NodeJS.EventEmitter;
		child.on('message', (reply: Reply) => {
			receive(worker, reply);
		});
		for (const stream of [worker.process.stdout, worker.process.stderr]) {
			// What JavaScript prints comes as messages; this is what native code prints, and the last words of a crash.
			const lines = new Lines();
			stream?.setEncoding('utf8');
			stream?.on('data', (text: string) => {
				tellLines(worker, lines.add(text));
			});
			stream?.on('end', () => {
				tellLines(worker, lines.rest());
			});
		}

		void this.#watch(worker);
		const first = await ready;
		if (first.type === 'failed') {
			throw new UserError('worker-start', `A worker process could not start: ${first.error.message}`);
		}

		return worker;
	}

	async #watch(worker: Worker): Promise<void> {
		const {exitCode, signal} = await worker.process;
		this.#alive.delete(worker);
		flush(worker);
		const index = this.#idle.indexOf(worker);
		if (index !== -1) {
			this.#idle.splice(index, 1);
		}

		worker.death = deathOf(exitCode, signal, worker.lastLines);
		worker.finish?.({type: 'failed', error: worker.death, damaged: null});
	}

	async #ask(worker: Worker, request: Request): Promise<Reply> {
		if (worker.death) {
			return {type: 'failed', error: worker.death, damaged: null};
		}

		return new Promise(resolve => {
			worker.finish = resolve;
			tell(worker, request);
		});
	}
}

function yieldProcessor({process: {pid}}: Worker): void {
	try {
		setPriority(pid!, constants.priority.PRIORITY_BELOW_NORMAL);
	} catch {
		// It could not start, which is told elsewhere, or the system has no priorities.
	}
}

function tell(worker: Worker, request: Request): void {
	// The channel closes with the process; its death is reported by `#watch`.
	(worker.process as unknown as NodeJS.Process).send?.(request, undefined, undefined, () => undefined);
}

function receive(worker: Worker, reply: Reply): void {
	switch (reply.type) {
		case 'step': {
			worker.listener?.onStep(reply);
			break;
		}

		case 'log': {
			tellLines(worker, reply.line.split('\n'));
			break;
		}

		case 'output': {
			tellLines(worker, worker.printed[reply.stream].add(reply.text));
			break;
		}

		default: {
			const {finish} = worker;
			worker.finish = undefined;
			finish?.(reply);
		}
	}
}

function deathOf(exitCode: number | undefined, signal: string | undefined, lastLines: readonly string[]): PlainError {
	const how = signal ? `was killed by ${signal}` : `ended with exit code ${exitCode}`;
	const isMemory = signal === 'SIGKILL' || signal === 'SIGABRT' || exitCode === 134 || exitCode === 137;
	return {
		name: 'UserError',
		code: 'worker-died',
		message: [`Its worker process ${how}`, ...lastLines.map(line => `  │ ${line}`)].join('\n'),
		hint: isMemory ? 'Often the machine was out of memory: try --jobs 1 or smaller batches; "pipeline estimate" tells how much each node needs. Running again carries on from what is done.' : 'Running again carries on from what is done.',
	};
}

function tellLines(worker: Worker, lines: readonly string[]): void {
	for (const line of lines) {
		worker.listener?.onLine(line);
	}

	worker.lastLines = [...worker.lastLines, ...lines].slice(-lastLinesKept);
}

/** Ends the lines that a job left open. */
function flush(worker: Worker): void {
	tellLines(worker, [...worker.printed.stdout.rest(), ...worker.printed.stderr.rest()]);
}

/** Cuts text that arrives piece by piece into lines. */
class Lines {
	#open = '';

	/** The lines that are whole now. */
	add(text: string): readonly string[] {
		const lines = (this.#open + text).split('\n');
		this.#open = lines.pop() ?? '';
		return lines;
	}

	/** The line that was never ended, if there is one. */
	rest(): readonly string[] {
		const rest = this.#open === '' ? [] : [this.#open];
		this.#open = '';
		return rest;
	}
}
