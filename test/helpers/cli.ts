import {readFileSync, readdirSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {setTimeout} from 'node:timers/promises';
import {execa, type Options} from 'execa';
import {isAlive} from '../../engine/leases.ts';

/** The command line as users call it. */
export const binary = path.join(import.meta.dirname, '../../bin/pipeline.cjs');

/** Starts the command line in a rig's folder. */
export function start(folder: string, args: readonly string[], {env, ...options}: Options = {}) {
	const child = execa(process.execPath, [binary, ...args], {cwd: folder, reject: false, stdin: 'ignore', ...options, env: {NO_COLOR: '1', ...env}});
	return {
		pid: child.pid!,
		kill(signal: NodeJS.Signals): void {
			child.kill(signal);
		},
		/** Calls back with all that was printed so far, to both streams. */
		onOutput(listener: (text: string) => void): void {
			for (const stream of [child.stdout, child.stderr]) {
				stream?.on('data', (text: Uint8Array) => {
					listener(String(text));
				});
			}
		},
		async ended() {
			const {exitCode, signal, stdout, stderr} = await child;
			return {exitCode, signal, stdout: String(stdout), stderr: String(stderr)};
		},
	};
}

/** Runs the command line in a rig's folder to its end. */
export async function pipeline({folder}: {readonly folder: string}, args: readonly string[], options: Options = {}) {
	return start(folder, args, options).ended();
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
