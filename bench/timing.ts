import {spawn} from 'node:child_process';
import {closeSync, openSync, readFileSync} from 'node:fs';
import process from 'node:process';

/** How a process went. */
export type Timed =
	| {readonly outcome: 'ended'; readonly ms: number}
	| {readonly outcome: 'failed'; readonly what: string; readonly lastLines: string}
	| {readonly outcome: 'too-long'};

export type TimedOptions = {
	readonly cwd: string;
	readonly env?: Readonly<Record<string, string>> | undefined;
	readonly limitMs: number;
	/** Gets what the process prints; a pipe to us would make it wait for us. */
	readonly logFile: string;
};

const running = new Set<number>();

process.on('exit', () => {
	for (const pid of running) {
		killGroup(pid);
	}
});

// The processes have groups of their own, so that Ctrl-C does not reach them.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
	process.on(signal, () => {
		process.exit(130);
	});
}

/** Runs a program and takes the time from its start to its end. Its whole process group is killed at the limit, and when we end. */
export async function timed([program, ...args]: readonly [string, ...string[]], {cwd, env, limitMs, logFile}: TimedOptions): Promise<Timed> {
	const log = openSync(logFile, 'w');
	const startedMs = performance.now();
	const child = spawn(program, args, {cwd, env: {...process.env, ...env}, stdio: ['ignore', log, log], detached: true});
	closeSync(log);
	if (child.pid !== undefined) {
		running.add(child.pid);
	}

	let isTooLong = false;
	const timer = setTimeout(() => {
		isTooLong = true;
		killGroup(child.pid!);
	}, limitMs);
	const what = await new Promise<string>(resolve => {
		child.on('error', ({message}) => {
			resolve(message);
		});
		child.on('exit', (code, signal) => {
			resolve(code === 0 ? '' : `ended with ${signal ?? `exit code ${code}`}`);
		});
	});
	const ms = performance.now() - startedMs;
	clearTimeout(timer);
	running.delete(child.pid!);
	if (isTooLong) {
		return {outcome: 'too-long'};
	}

	return what === '' ? {outcome: 'ended', ms} : {outcome: 'failed', what, lastLines: readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-12).join('\n')};
}

function killGroup(pid: number): void {
	try {
		process.kill(-pid, 'SIGKILL');
	} catch (error) {
		// It ended just now.
		if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
			throw error;
		}
	}
}
