import {tmpdir} from 'node:os';
import path from 'node:path';
import {compileCommandLine} from '../../bin/compile.js';
import {cacheFolder} from '../../engine/code.ts';
import {compileStages} from '../../engine/compile-stages.ts';
import type {Job} from '../../engine/protocol.ts';
import {ThreadPool, type ThreadPoolOptions} from '../../engine/thread-pool.ts';

const root = path.join(import.meta.dirname, '../..');

/** The compiled module of a stage of this repository. */
export async function compiledStage(module: string, name: string): Promise<string> {
	const {codes} = await compileStages(root, cacheFolder(root), {stages: [{module, name, stage: name}], earlier: undefined});
	return codes[name]!.code.file;
}

/** Threads as a worker has them, for a compiled stage without inputs. */
export async function threadsFor(stageFile: string, options: Partial<Pick<ThreadPoolOptions, 'log' | 'signal' | 'size'>> = {}): Promise<ThreadPool> {
	const {worker} = await compileCommandLine();
	const job = {stageFile, folder: path.join(tmpdir(), 'no-outputs'), inputs: {}, ingredients: {stage: 'threaded'}} as unknown as Job;
	return new ThreadPool({threadFile: worker, job, signal: new AbortController().signal, log: () => undefined, ...options});
}
