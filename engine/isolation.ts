/**
 * Watches what a stage does besides computing: what it reads, writes and asks that is no part of its fingerprint. The worker
 * patches Node's functions once, as do the threads it starts for a stage; they look at their callers while a stage runs and do nothing else. This guards
 * against mistakes, not against malice: native code, processes and threads that a stage starts by itself go unseen. `docs/engine.md` says what is caught and how.
 */
import childProcess from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import {syncBuiltinESMExports} from 'node:module';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath, pathToFileURL} from 'node:url';
import threads from 'node:worker_threads';
import {callersOf, sourceOf, type Below, type Caller} from './caller.ts';
import {isUserError, UserError} from './error.ts';
import {accessesOf, boundsOf, fileFunctions, realNameOf, type Access, type Bounds} from './file-access.ts';
import type {Job} from './protocol.ts';

/** The stage that is watched now. */
type Watch = {
	readonly stage: string;
	/** URL of the compiled stage: what is called from there is called by code of the project. */
	readonly module: string;
	readonly bounds: Bounds;
	/** Whether the module is only being loaded; then packages may do as they like. */
	readonly isLoading: boolean;
	readonly log: (line: string) => void;
	/** What was warned of, so that it is said once. */
	readonly warned: Set<string>;
	/** The first mistake; a stage that catches it fails all the same. */
	violation: UserError | undefined;
};

let watch: Watch | undefined;

/** The clock for the engine's own use, which asks nobody who is calling: milliseconds from an arbitrary start. */
export const nowMs = performance.now.bind(performance);

export type WatchOptions = {
	readonly job: Job;
	readonly log: (line: string) => void;
	readonly isLoading?: boolean;
};

/** Runs code of a stage while its mistakes are caught. @throws {UserError} `read-undeclared`, `write-outside` or `random-undeclared` */
export async function isolated<Value>({job, log, isLoading = false}: WatchOptions, action: () => Promise<Value>): Promise<Value> {
	const current: Watch = {
		stage: job.ingredients.stage,
		module: pathToFileURL(realNameOf(job.stageFile)).href,
		bounds: boundsOf(job),
		isLoading,
		log,
		warned: new Set(),
		violation: undefined,
	};
	watch = current;
	let value: Value;
	try {
		value = await action();
	} catch (error) {
		throw current.violation ?? error;
	} finally {
		watch = undefined;
	}

	if (current.violation) {
		throw current.violation;
	}

	return value;
}

const mistakes = new Set(['read-undeclared', 'write-outside', 'random-undeclared']);

/** Counts what a thread of the stage failed with as a mistake of the stage, if it is one: a stage that catches it fails all the same. */
export function blame(error: Error): void {
	if (watch && isUserError(error) && mistakes.has(error.code)) {
		watch.violation ??= error;
	}
}

/** Patches Node's functions in this process or thread, before any other module takes hold of them. */
export function watchNode(): void {
	for (const name of fileFunctions) {
		const check: Check = (args, below) => {
			checkFiles(name, args, below);
		};

		intercept(fs, name, check);
		intercept(fs, `${name}Sync`, check);
		intercept(fs.promises, name, check);
	}

	intercept(Math, 'random', checkRandom('Math.random'));
	for (const name of ['randomBytes', 'randomFill', 'randomFillSync', 'randomInt', 'randomUUID']) {
		intercept(crypto, name, checkRandom(`crypto.${name}`));
	}

	// `getRandomValues` of `node:crypto` calls this one.
	const webCrypto = Object.getPrototypeOf(globalThis.crypto) as object;
	for (const name of ['getRandomValues', 'randomUUID']) {
		intercept(webCrypto, name, checkRandom(`crypto.${name}`));
	}

	intercept(Date, 'now', checkClock('Date.now'));
	intercept(globalThis, 'Date', (args, below) => {
		if (args.length === 0) {
			checkClock('new Date')(args, below);
		}
	});
	Reflect.set(Date.prototype, 'constructor', Date);
	intercept(Object.getPrototypeOf(performance) as object, 'now', checkClock('performance.now'));
	for (const name of ['spawn', 'spawnSync', 'exec', 'execSync', 'execFile', 'execFileSync', 'fork']) {
		intercept(childProcess, name, checkStart('a process', name));
	}

	intercept(threads, 'Worker', checkStart('a thread', 'Worker'));
	process.env = watchedEnvironment(process.env);
	syncBuiltinESMExports();
}

/** Looks at a call before it is made. `below` is the frame its callers are found below. */
type Check = (args: readonly unknown[], below: Below) => void;

function intercept(owner: object, name: string, check: Check): void {
	const original: unknown = Reflect.get(owner, name);
	if (typeof original !== 'function') {
		// Not every variant exists, and not in every version of Node.
		return;
	}

	const traps = {
		apply(target: Below, self: unknown, args: unknown[]): unknown {
			check(args, traps.apply);
			return Reflect.apply(target, self, args);
		},
		construct(target: Below, args: unknown[], newTarget: Below): object {
			check(args, traps.construct);
			return Reflect.construct(target, args, newTarget) as object;
		},
	};
	Reflect.set(owner, name, new Proxy(original, traps));
}

function checkFiles(name: string, args: readonly unknown[], below: Below): void {
	if (!watch) {
		return;
	}

	const {isReadable, isWritable} = watch.bounds;
	const access = accessesOf(name, args).find(({kind, file}) => !(kind === 'read' ? isReadable(file) : isWritable(file)));
	const by = access && culpritOf(watch, below);
	if (by) {
		refuse(watch, accessError(watch, access, by));
	}
}

function accessError({stage, bounds}: Watch, {kind, file}: Access, {place}: Culprit): UserError {
	const shown = `"${relativeTo(bounds.root, file)}"`;
	return kind === 'read'
		? new UserError('read-undeclared', `Stage "${stage}" reads ${shown}, which is not among its inputs`, {
			facts: {at: place},
			hint: 'Declare it as an input, a folder() or file() in pipeline.ts, or import it as code: only then does a change of it make results stale.',
		})
		: new UserError('write-outside', `Stage "${stage}" writes ${shown}, which is not its to change`, {
			facts: {at: place},
			hint: 'Return results as outputs; for files that are needed only meanwhile there is os.tmpdir().',
		});
}

/** A package may name its temporary files as it likes, so its use of `crypto` is only told; `Math.random` makes results in any hands. */
function checkRandom(name: string): Check {
	return (_, below) => {
		const by = watch && culpritOf(watch, below);
		if (!watch || !by) {
			return;
		}

		if (by.isPackage && name !== 'Math.random') {
			warn(watch, 'random', `${by.place} draws random numbers that do not come from the seed (${name})`);
			return;
		}

		refuse(watch, new UserError('random-undeclared', `Stage "${watch.stage}" draws random numbers that do not come from its seed`, {
			facts: {call: name, at: by.place},
			hint: 'Say seeded: true in the stage and draw from randomStream(seed): the same fingerprint must give the same bytes.',
		}));
	};
}

function checkClock(name: string): Check {
	return (_, below) => {
		if (watch && !watch.warned.has('clock') && isCalledByStage(watch, below)) {
			warn(watch, 'clock', `${placeOf(watch, callersOf(below)[0]!)} asks what time it is (${name}); results must not depend on it`);
		}
	};
}

function checkStart(what: string, name: string): Check {
	return (_, below) => {
		const by = watch && culpritOf(watch, below);
		if (watch && by) {
			warn(watch, what, `${by.place} starts ${what} (${name}); what it reads and writes is not seen`);
		}
	};
}

function watchedEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
	const traps = {
		get(target: NodeJS.ProcessEnv, name: string | symbol): unknown {
			if (watch && typeof name === 'string' && isCalledByStage(watch, traps.get)) {
				warn(watch, `environment ${name}`, `${placeOf(watch, callersOf(traps.get)[0]!)} reads the environment variable ${name}, which is no part of the fingerprint`);
			}

			return Reflect.get(target, name);
		},
		// Without it, setting one would go to the proxy and be refused.
		set: (target: NodeJS.ProcessEnv, name: string | symbol, value: unknown) => Reflect.set(target, name, value),
	};
	return new Proxy(environment, traps);
}

/** Whoever is to blame for a call. */
type Culprit = {readonly place: string; readonly isPackage: boolean};

/** Nobody when Node itself or the engine called, and while a module is loaded, a package. */
function culpritOf(current: Watch, below: Below): Culprit | undefined {
	const callers = callersOf(below).filter(({module}) => !module.startsWith('node:'));
	const [first] = callers;
	const isPackage = first?.module !== current.module;
	if (!first || first.module === import.meta.url || (isPackage && current.isLoading)) {
		return undefined;
	}

	const place = placeOf(current, first);
	const stage = callers.find(({module}) => module === current.module);
	return {place: isPackage && stage ? `${place}, called from ${placeOf(current, stage)}` : place, isPackage};
}

/** Cheaper than to find a culprit: packages and Node ask for the time and the environment often, and rightly. */
function isCalledByStage({module}: Watch, below: Below): boolean {
	return callersOf(below, 2)[0]?.module === module;
}

/** As `stages/20-target-training.ts:12`. */
function placeOf({module, bounds: {root}}: Watch, caller: Caller): string {
	// Source maps of packages lead to files that are not installed.
	const source = caller.module === module ? sourceOf(caller) : caller;
	const file = source.module.startsWith('file:') ? fileURLToPath(source.module) : source.module;
	return `${relativeTo(root, file)}:${source.line}`;
}

function relativeTo(root: string, file: string): string {
	const relative = path.relative(root, file);
	return relative.startsWith('..') ? file : relative.split(path.sep).join('/');
}

function refuse(current: Watch, error: UserError): never {
	current.violation ??= error;
	throw error;
}

function warn({warned, log}: Watch, key: string, message: string): void {
	if (!warned.has(key)) {
		warned.add(key);
		log(`warning: ${message}`);
	}
}
