import {readFileSync, readdirSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {setTimeout} from 'node:timers/promises';
import {execa, type Options} from 'execa';
import {isAlive} from '../../engine/store.ts';

/** The command line as users call it. */
export const binary = path.join(import.meta.dirname, '../../bin/pipeline.js');

/** Starts the command line in a rig's folder. */
export async function start(folder: string, args: readonly string[], options: Options = {}) {
	return execa(process.execPath, [binary, ...args], {cwd: folder, reject: false, stdin: 'ignore', ...options, env: {NO_COLOR: '1', ...options.env}});
}

/** Runs the command line in a rig's folder to its end. */
export async function pipeline({folder}: {readonly folder: string}, args: readonly string[], options: Options = {}) {
	const {exitCode, stdout, stderr} = await start(folder, args, options);
	return {exitCode, stdout: String(stdout), stderr: String(stderr)};
}

/** Waits until something is so. @throws when it takes too long. */
export async function until(isSo: () => boolean, what: string, limitMs = 20_000): Promise<void> {
	const startedMs = performance.now();
	while (!isSo()) {
		if (performance.now() - startedMs > limitMs) {
			throw new Error(`Waited too long until ${what}`);
		}

		await setTimeout(20);
	}
}

/** Processes that were started by a process, directly. Linux only. */
export function childrenOf(pid: number): readonly number[] {
	return readdirSync('/proc').filter(name => /^\d+$/.test(name)).map(Number).filter(child => parentOf(child) === pid);
}

function parentOf(pid: number): number | undefined {
	try {
		// The name in parentheses may hold anything; the parent is the second field after it.
		return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/s, '').trim().split(' ')[1]);
	} catch {
		return undefined;
	}
}

/** Whether a process runs, and is not just waiting for its parent to look at how it ended. */
export function isRunning(pid: number): boolean {
	try {
		return isAlive(pid) && !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
	} catch {
		return false;
	}
}
