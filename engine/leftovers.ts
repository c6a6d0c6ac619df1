import {existsSync, readFileSync, readdirSync, rmSync, statSync} from 'node:fs';
import path from 'node:path';
import {dayMs, recentMs} from './collection.ts';
import type {Digest, Fingerprint} from './digest.ts';
import type {Store} from './store.ts';

/** Files that outlived their use, by what they are. Paths are absolute. */
export type Leftovers = {
	/** Object files without a row. */
	readonly unreferenced: ReadonlyArray<{readonly digest: Digest; readonly sizeBytes: number}>;
	readonly damaged: readonly string[];
	readonly checkpoints: readonly string[];
	readonly compiled: readonly string[];
	readonly sizeBytes: number;
};

export type LeftoverRules = {
	readonly nowMs: number;
	readonly keepDays: number;
	/** Folder of the compiled command line, and that of the project's compiled code. */
	readonly compiledFolders: readonly string[];
};

/** How long damaged objects stay for people to look at. */
const damagedMs = 30 * dayMs;

/** Finds what nobody needs any more. */
export function findLeftovers(store: Store, {nowMs, keepDays, compiledFolders}: LeftoverRules): Leftovers {
	const isOlder = (file: string, ageMs: number) => nowMs - (statSync(file, {throwIfNoEntry: false})?.mtimeMs ?? nowMs) > ageMs;
	const unreferenced = [...store.inventory.objectFiles()].filter(({digest, modifiedMs}) => nowMs - modifiedMs > recentMs && !store.inventory.isKnown(digest));
	const damaged = filesIn(path.join(store.folder, 'damaged')).filter(file => isOlder(file, damagedMs));
	const leased = store.inventory.leased();
	const checkpoints = filesIn(path.join(store.folder, 'checkpoints')).filter(file => {
		const fingerprint = path.basename(file) as Fingerprint;
		const result = store.find(fingerprint);
		return !leased.has(fingerprint) && (result !== undefined || isOlder(file, Math.max(recentMs, keepDays * dayMs)));
	});
	const compiled = compiledFolders.flatMap(folder => unusedCompiled(folder)).filter(file => isOlder(file, dayMs));
	const sizes = [...damaged, ...checkpoints, ...compiled].map(file => statSync(file, {throwIfNoEntry: false})?.size ?? 0);
	return {unreferenced, damaged, checkpoints, compiled, sizeBytes: sum([...unreferenced.map(({sizeBytes}) => sizeBytes), ...sizes])};
}

export function removeFiles(files: readonly string[]): void {
	for (const file of files) {
		rmSync(file, {force: true});
	}
}

/** Names of compiled modules; the digest of their text is a part of them. */
const moduleName = /\b(?:cli|worker|chunk|plan|stage)-[\dA-Za-z]{8,32}\.mjs\b/g;

/** Names of the files that say which modules were compiled from what. */
const entryName = /^(?:cli|(plan|code)-(.+?)(?:-[\da-f]{8}){1,2})\.json$/;

/** Compiled modules, their source maps and their entries, except those that the latest entries lead to. */
function unusedCompiled(folder: string): readonly string[] {
	const files = filesIn(folder);
	const latest = new Map<string, string>();
	for (const file of files.toSorted((a, b) => modifiedMs(a) - modifiedMs(b))) {
		const match = entryName.exec(path.basename(file));
		if (match) {
			latest.set(`${match[1] ?? 'cli'} ${match[2] ?? ''}`, path.basename(file));
		}
	}

	const used = new Set<string>();
	const names = [...latest.values()];
	for (let name = names.pop(); name !== undefined; name = names.pop()) {
		const file = path.join(folder, name);
		if (!used.has(name) && existsSync(file)) {
			used.add(name);
			// Compiled modules name the ones they import.
			names.push(...readFileSync(file, 'utf8').match(moduleName) ?? []);
		}
	}

	return files.filter(file => {
		const name = path.basename(file).replace(/\.map$/, '');
		return (entryName.test(name) || name.replaceAll(moduleName, '') === '') && !used.has(name);
	});
}

function modifiedMs(file: string): number {
	return statSync(file, {throwIfNoEntry: false})?.mtimeMs ?? 0;
}

function filesIn(folder: string): readonly string[] {
	return existsSync(folder) ? readdirSync(folder, {withFileTypes: true}).filter(entry => entry.isFile()).map(({name}) => path.join(folder, name)) : [];
}

function sum(numbers: readonly number[]): number {
	return numbers.reduce((total, number) => total + number, 0);
}
