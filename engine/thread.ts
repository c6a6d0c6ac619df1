import {pathToFileURL} from 'node:url';
import {parentPort, workerData} from 'node:worker_threads';
import {importModule} from './host.js';
import {isolated, watchNode} from './isolation.ts';
import {toPlainError, type Job, type PlainError} from './protocol.ts';
import type {AnyStage} from './stage.ts';

/** To a thread: what to call with what. */
export type ThreadRequest = {readonly name: string; readonly job: unknown};

/** From a thread; any but `log` ends a call. */
export type ThreadReply =
	| {readonly type: 'log'; readonly line: string}
	| {readonly type: 'done'; readonly result: unknown}
	| {readonly type: 'failed'; readonly error: PlainError};

/** Makes this thread call the functions of a stage, one call at a time, watched as the stage itself is. */
export function serveThread(): void {
	const port = parentPort!;
	const job = workerData as Job;
	const reply = (message: ThreadReply) => {
		port.postMessage(message);
	};

	const log = (line: string) => {
		reply({type: 'log', line});
	};

	const load = async () => isolated({job, log, isLoading: true}, async () => importModule(pathToFileURL(job.stageFile).href)) as Promise<{default: AnyStage}>;
	let module: ReturnType<typeof load> | undefined;
	watchNode();
	port.on('message', async (request: ThreadRequest) => {
		try {
			const {default: stage} = await (module ??= load());
			const call = stage.threads[request.name] as (job: unknown) => unknown;
			reply({type: 'done', result: await isolated({job, log}, async () => call(request.job))});
		} catch (error) {
			reply({type: 'failed', error: toPlainError(error)});
		}
	});
}
