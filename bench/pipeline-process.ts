/** Runs our command line as a process of its own and says how much time and memory it took. */
import {readFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {pathToFileURL} from 'node:url';
import {timed} from './timing.ts';

const root = path.join(import.meta.dirname, '..');
const preload = pathToFileURL(path.join(import.meta.dirname, 'peak-memory.js')).href;

export type PipelineProcess = {readonly ms: number; readonly peakBytes: number; readonly output: string};

/**
 * @param folder gets the log and the measurement
 * @throws when the command fails
 */
export async function pipelineProcess(args: readonly string[], folder: string): Promise<PipelineProcess> {
	const [logFile, memoryFile] = [path.join(folder, 'log'), path.join(folder, 'peak-memory')];
	const command = [process.execPath, '--import', preload, path.join(root, 'bin/pipeline.cjs'), ...args] as const;
	const result = await timed(command, {cwd: root, env: {PEAK_MEMORY: memoryFile}, limitMs: 3_600_000, logFile});
	if (result.outcome !== 'ended') {
		throw new Error(`pipeline ${args.join(' ')} ${result.outcome === 'failed' ? `${result.what}\n${result.lastLines}` : 'took more than an hour'}`);
	}

	return {ms: result.ms, peakBytes: Number(readFileSync(memoryFile, 'utf8')), output: readFileSync(logFile, 'utf8')};
}
