import type {TProperties} from '@sinclair/typebox';
import {UserError} from './error.ts';
import {pathsAllowed, pathsIn, resolveParam, shortNames} from './param-path.ts';
import {readBase} from './params.ts';
import type {ParamsSource} from './params-file.ts';
import {parseValues} from './sweep-values.ts';

/** What somebody asks a sweep for. */
export type SweepRequest = {
	/** Key paths, or tails of them. */
	readonly params: readonly string[];
	/** Texts that list values, with `name=` before them where there are several params. */
	readonly values: readonly string[];
	/** Whether the first values of all params make the first point and so on, in place of every combination. */
	readonly isZipped: boolean;
	/** How many seeds every point is run with, from the params' own one upwards. */
	readonly repeats: number;
};

/** What a sweep runs. */
export type Sweep = {
	/** Key paths of the swept params; the points of a repeated sweep differ in `seed` too. */
	readonly paths: readonly string[];
	/** Name of each point, such as `alpha=0.1,seed=1` → key path → value. */
	readonly points: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
};

type Axis = {readonly path: string; readonly values: readonly unknown[]};

/**
 * The points of a sweep over the params of a file.
 * @throws {UserError} for a param that is unknown or ambiguous, and for values that are missing or do not fit together
 */
export function planSweep(slices: TProperties, source: ParamsSource, request: SweepRequest): Sweep {
	const {base} = readBase(source);
	const listed = listedValues(base.sweep);
	const paths = {listed: Object.keys(listed), present: pathsIn(base), allowed: pathsAllowed(slices)};
	const swept = request.params.map(name => resolveParam(name, paths));
	const twice = swept.find((path, index) => swept.indexOf(path) !== index);
	if (twice !== undefined) {
		throw new UserError('sweep-params', `The sweep names "${twice}" twice`);
	}

	const given = givenValues(swept, request.values);
	const axes = swept.map((path): Axis => ({path, values: valuesOf(path, given.get(path) ?? listed[path], source.file)}));
	const repeated = request.repeats === 1 ? [] : [seedAxis(swept, base.seed, request.repeats)];
	const all = [...axes, ...repeated].map(({path}) => path);
	const rows = (request.isZipped ? zip(axes) : grid(axes)).flatMap(row => grid(repeated).map(seed => [...row, ...seed]));
	const names = uniqueNames(rows.map(values => pointName(shortNames(all), values)));
	return {
		paths: swept,
		points: Object.fromEntries(rows.map((values, index) => [names[index]!, Object.fromEntries(all.map((path, axis) => [path, values[axis]]))])),
	};
}

/** Most names that are written out. */
const mostNames = 3;

/** What points have in common and no other point has, such as `perClass=10` for all points with that number; their names where there is no such thing. */
export function commonName(names: readonly string[], all: readonly string[]): string {
	const parts = names.map(name => name.split(','));
	const common = parts[0]!.filter(part => parts.every(other => other.includes(part)));
	const sharing = all.filter(name => common.every(part => name.split(',').includes(part)));
	if (common.length > 0 && sharing.length === names.length) {
		return common.join(',');
	}

	return names.length > mostNames ? `${names[0]}+${names.length - 1}-more` : names.join('+');
}

/** The `sweep` section, less what is not a list: the check of the params says so. */
function listedValues(section: unknown): Readonly<Record<string, readonly unknown[]>> {
	const entries = typeof section === 'object' && section !== null ? Object.entries(section) : [];
	return Object.fromEntries(entries.filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1])));
}

/** Path → values of `--values`. */
function givenValues(swept: readonly string[], texts: readonly string[]): ReadonlyMap<string, readonly unknown[]> {
	const given = new Map<string, readonly unknown[]>();
	for (const text of texts) {
		const [name, list] = splitName(text);
		const path = name === undefined ? undefined : swept.find(other => `.${other}`.endsWith(`.${name}`));
		if (path === undefined && swept.length > 1) {
			throw new UserError('sweep-values', `"--values ${text}" does not say which param it is about`, {
				facts: {params: swept.join(', ')},
				hint: 'Put the name before the values, as in --values alpha=0,0.1 --values perClass=10,20.',
			});
		}

		const key = path ?? swept[0]!;
		if (given.has(key)) {
			throw new UserError('sweep-values', `The values of "${key}" are given twice`, {hint: 'Give all of them in one list, separated by commas.'});
		}

		given.set(key, parseValues(path === undefined ? text : list));
	}

	return given;
}

function splitName(text: string): readonly [name: string | undefined, list: string] {
	const at = text.indexOf('=');
	return at < 1 ? [undefined, text] : [text.slice(0, at), text.slice(at + 1)];
}

function valuesOf(path: string, values: readonly unknown[] | undefined, file: string): readonly unknown[] {
	if (values === undefined || values.length === 0) {
		throw new UserError('sweep-values', `No values are listed for "${path}"`, {
			facts: {'looked in': `"sweep" of ${file}`},
			hint: 'List them there, or give them with --values, as in --values 0,0.1 or --values 0:0.3:0.05.',
		});
	}

	return values;
}

function seedAxis(swept: readonly string[], seed: unknown, repeats: number): Axis {
	if (swept.includes('seed')) {
		throw new UserError('sweep-params', 'The sweep cannot repeat its points with other seeds when "seed" itself is swept', {hint: 'Leave out --repeat, or the param.'});
	}

	return {path: 'seed', values: Array.from({length: repeats}, (_, index) => Number(seed) + index)};
}

/** Every combination, the last axis fastest; one empty row when there is no axis. */
function grid(axes: readonly Axis[]): ReadonlyArray<readonly unknown[]> {
	let rows: ReadonlyArray<readonly unknown[]> = [[]];
	for (const {values} of axes) {
		rows = rows.flatMap(row => values.map(value => [...row, value]));
	}

	return rows;
}

function zip(axes: readonly Axis[]): ReadonlyArray<readonly unknown[]> {
	const [{values}, ...others] = axes as readonly [Axis, ...Axis[]];
	if (others.some(other => other.values.length !== values.length)) {
		throw new UserError('sweep-values', 'Params that are zipped need lists of one length', {
			facts: Object.fromEntries(axes.map(axis => [axis.path, `${axis.values.length} ${axis.values.length === 1 ? 'value' : 'values'}`])),
			hint: 'Leave out --zip to run every combination.',
		});
	}

	return values.map((value, index) => [value, ...others.map(other => other.values[index])]);
}

/** Such as `alpha=0.1,seed=1`. */
function pointName(names: readonly string[], values: readonly unknown[]): string {
	return names.map((name, index) => `${nameable(name)}=${nameable(values[index])}`).join(',');
}

/** A value as part of a name: runs of other characters than a name may have become `_`. An object is its values, such as `mid-0.01` for `{"kind": "mid", "lambda": 0.01}`. */
function nameable(value: unknown): string {
	if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
		return Object.entries(value).map(([key, item]) => (typeof item === 'string' || typeof item === 'number' ? nameable(item) : `${nameable(key)}-${nameable(item)}`)).join('-');
	}

	const text = typeof value === 'string' ? value : JSON.stringify(value);
	return text.replaceAll(/[^\w.-]+/g, '_').replaceAll(/^_+|_+$/g, '');
}

/** Different points may come out with one name; all but the first get a number. */
function uniqueNames(names: readonly string[]): readonly string[] {
	return names.map((name, index) => {
		const earlier = names.slice(0, index).filter(other => other === name).length;
		return earlier === 0 ? name : `${name}_${earlier + 1}`;
	});
}
