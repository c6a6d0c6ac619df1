import {existsSync, readFileSync} from 'node:fs';
import {dirname, resolve} from 'node:path';
import {UserError} from './error.ts';

/** Where the numbers of a run come from. */
export type ParamsSource = {
	/** Absolute path of the params file. */
	readonly file: string;
	/** `--set path=value` overrides, applied last. */
	readonly overrides: ReadonlyArray<readonly [path: string, value: unknown]>;
	/** The points of a sweep, which take the place of the file's variants; absent outside a sweep. */
	readonly points?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined;
};

export type Json = null | boolean | number | string | Json[] | {[key: string]: Json};
export type JsonObject = Record<string, Json>;

/** Reads a params file and the files it extends. */
export function readParams(file: string, seen: readonly string[] = []): JsonObject {
	if (seen.includes(file)) {
		throw new UserError('params-cycle', `Params files extend each other: ${[...seen, file].map(path => `"${path}"`).join(' → ')}`);
	}

	if (!existsSync(file)) {
		throw new UserError('params-missing', `The params file "${file}" does not exist`, {hint: 'Give one with --params FILE.'});
	}

	const own = parse(file);
	if (typeof own.extends !== 'string') {
		return own;
	}

	const {extends: parent, ...patch} = own;
	return merge(readParams(resolve(dirname(file), parent), [...seen, file]), patch);
}

/** A params file and those it extends, as far as they can be read. Absolute paths. */
export function paramsFiles(file: string, seen: readonly string[] = []): readonly string[] {
	if (seen.includes(file)) {
		return seen;
	}

	try {
		const {extends: parent} = parse(file);
		return typeof parent === 'string' ? paramsFiles(resolve(dirname(file), parent), [...seen, file]) : [...seen, file];
	} catch {
		// What is wrong with it is said when it is loaded.
		return [...seen, file];
	}
}

function parse(file: string): JsonObject {
	let value: unknown;
	try {
		value = JSON.parse(readFileSync(file, 'utf8'));
	} catch (error) {
		throw new UserError('params-syntax', `"${file}" cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}`, {cause: error});
	}

	if (typeof value !== 'object' || value === null || Array.isArray(value)) {
		throw new UserError('params-syntax', `"${file}" must hold a JSON object, got ${JSON.stringify(value)?.slice(0, 40)}`);
	}

	return value as JsonObject;
}

/** Objects are merged key by key, except `variants`, whose set is replaced as a whole; everything else is replaced. */
function merge(base: JsonObject, patch: JsonObject): JsonObject {
	const merged = Object.entries(patch).map(([key, value]) => {
		const old = Object.hasOwn(base, key) ? base[key] : undefined;
		const isSameKind = isObject(old) && isObject(value) && (value.kind === undefined || value.kind === old.kind);
		return [key, isSameKind && key !== 'variants' ? merge(old, value) : value] as const;
	});
	// Entries become own properties, so that a key such as "__proto__" is seen and refused like any other unknown one.
	return Object.fromEntries([...Object.entries(base), ...merged]);
}

export function isObject(value: Json | undefined): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Sets the value at a dotted path. @returns what is wrong with the path, or nothing. */
export function setPath(params: JsonObject, path: string, value: Json): string | undefined {
	const keys = path.split('.');
	if (keys.includes('') || keys.includes('__proto__')) {
		return 'is not a key path';
	}

	let holder = params;
	for (const key of keys.slice(0, -1)) {
		const next = Object.hasOwn(holder, key) ? holder[key] : undefined;
		if (next === undefined) {
			// An optional group, such as an override of another stage's slice; the schema decides whether it may exist.
			const created: JsonObject = {};
			holder[key] = created;
			holder = created;
		} else if (isObject(next)) {
			holder = next;
		} else {
			return `cannot be set: "${key}" is ${JSON.stringify(next)}, not an object`;
		}
	}

	holder[keys.at(-1)!] = value;
	return undefined;
}
