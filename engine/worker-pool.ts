import type {ResultPromise} from 'execa';
import {UserError} from './error.ts';
import type {Job, PlainError, Reply, Request} from './protocol.ts';
import type {Digest} from './digest.ts';

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

type Worker = {
	readonly process: ResultPromise<{node: true; ipc: true; buffer: false; reject: false}>;
	/** Settled by the next reply that ends what the worker does, or by its death. */
	finish: ((reply: Reply) => void) | undefined;
	listener: JobListener | undefined;
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
	readonly #idle: Worker[] = [];
	readonly #busy = new Set<Worker>();

	constructor(workerFile: string) {
		this.#workerFile = workerFile;
	}

	/** Runs a job in an idle or a new worker. Never rejects for what the stage or its process does. */
	async run(job: Job, listener: JobListener): Promise<JobOutcome> {
		const worker = await this.#take();
		worker.listener = listener;
		const reply = await this.#ask(worker, {type: 'run', job});
		worker.listener = undefined;
		this.#busy.delete(worker);
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

	/** Whether a backend works here; what is wrong with it otherwise. */
	async probe(stageFile: string, backend: string): Promise<string | undefined> {
		const worker = await this.#take();
		const reply = await this.#ask(worker, {type: 'probe', stageFile, backend});
		this.#busy.delete(worker);
		worker.process.kill();
		if (reply.type === 'probed') {
			return reply.error ?? undefined;
		}

		return reply.type === 'failed' ? reply.error.message : 'the probe was interrupted';
	}

	/** Asks every busy worker to stop at its next step. */
	cancel(): void {
		for (const worker of this.#busy) {
			tell(worker, {type: 'cancel'});
		}
	}

	/** Kills every worker at once. */
	kill(): void {
		for (const worker of [...this.#busy, ...this.#idle]) {
			worker.process.kill('SIGKILL');
		}
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.kill();
		await Promise.all([...this.#busy, ...this.#idle].map(async worker => worker.process));
	}

	async #take(): Promise<Worker> {
		const worker = this.#idle.pop() ?? await this.#start();
		this.#busy.add(worker);
		return worker;
	}

	async #start(): Promise<Worker> {
		const {execa} = await import('execa');
		const worker: Worker = {
			process: execa({
				node: true,
				ipc: true,
				buffer: false,
				reject: false,
				stdin: 'ignore',
				nodeOptions: ['--enable-source-maps'],
			})(this.#workerFile) as unknown as Worker['process'],
			finish: undefined,
			listener: undefined,
			lastLines: [],
			death: undefined,
		};
		const ready = new Promise<Reply>(resolve => {
			worker.finish = resolve;
		});
		const child = worker.process as unknown as NodeJS.EventEmitter;
		child.on('message', (reply: Reply) => {
			receive(worker, reply);
		});
		for (const stream of [worker.process.stdout, worker.process.stderr]) {
			onLines(stream, line => {
				worker.lastLines = [...worker.lastLines, line].slice(-lastLinesKept);
				worker.listener?.onLine(line);
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
			worker.listener?.onLine(reply.line);
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
		hint: isMemory ? 'Often the machine was out of memory: try --jobs 1 or smaller batches. Running again carries on from what is done.' : 'Running again carries on from what is done.',
	};
}

function onLines(stream: NodeJS.ReadableStream | null | undefined, listener: (line: string) => void): void {
	let rest = '';
	stream?.setEncoding('utf8');
	stream?.on('data', (text: string) => {
		const lines = (rest + text).split('\n');
		rest = lines.pop() ?? '';
		for (const line of lines) {
			listener(line);
		}
	});
}

