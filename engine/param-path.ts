import type {TProperties} from '@sinclair/typebox';
import {closest} from 'fastest-levenshtein';
import {UserError} from './error.ts';

/** What a schema may hold that leads to params. */
type SchemaPart = {readonly properties?: Readonly<Record<string, SchemaPart>>; readonly anyOf?: readonly SchemaPart[]; readonly discriminator?: object};

/** Where a name may be looked for, nearest first. */
export type ParamPaths = {
	/** Paths that the `sweep` section of the params names. */
	readonly listed: readonly string[];
	/** Paths of the values that the params hold. */
	readonly present: readonly string[];
	/** Every path that the schema allows, optional groups included. */
	readonly allowed: readonly string[];
};

/** Keys of a params file that are about the file and not about the experiment. */
const ownKeys = new Set(['$schema', 'extends', 'variants', 'sweep']);

/** Key paths of everything in params that is not an object. */
export function pathsIn(params: Readonly<Record<string, unknown>>): readonly string[] {
	return Object.entries(params).filter(([key]) => !ownKeys.has(key)).flatMap(([key, value]) => leavesOf(key, value));
}

/** Key paths of everything that slices allow, and the seed. */
export function pathsAllowed(slices: TProperties): readonly string[] {
	return ['seed', ...new Set(Object.entries(slices).flatMap(([key, schema]) => schemaLeaves(key, schema as SchemaPart)))];
}

/**
 * The path that a name stands for: a whole path, or the tail of one such as `alpha` for `target.alpha`. A tail of one path of the `sweep` section
 * is that path; then a tail of one value that the params hold; then one that only the schema knows.
 * @throws {UserError} `param-ambiguous` or `param-unknown`, which list the candidates
 */
export function resolveParam(name: string, {listed, present, allowed}: ParamPaths): string {
	if ([...listed, ...present, ...allowed].includes(name)) {
		return name;
	}

	for (const paths of [listed, present, allowed]) {
		const found = paths.filter(path => path.endsWith(`.${name}`));
		if (found.length === 1) {
			return found[0]!;
		}

		if (found.length > 1) {
			throw new UserError('param-ambiguous', `"${name}" stands for ${found.length} params`, {hint: `Name one of them: ${found.join(', ')}`});
		}
	}

	const known = [...new Set([...present, ...allowed])];
	throw new UserError('param-unknown', `There is no param "${name}"`, {hint: `Did you mean "${nearest(name, known)}"? All of them: ${known.join(', ')}`});
}

/** The shortest tails that tell paths apart: `alpha` where only one of them ends so. */
export function shortNames(paths: readonly string[]): readonly string[] {
	return paths.map(path => {
		const keys = path.split('.');
		const tails = keys.map((_, index) => keys.slice(-1 - index).join('.'));
		return tails.find(tail => paths.every(other => other === path || !`.${other}`.endsWith(`.${tail}`))) ?? path;
	});
}

function leavesOf(path: string, value: unknown): readonly string[] {
	return typeof value === 'object' && value !== null && !Array.isArray(value)
		? Object.entries(value).flatMap(([key, item]) => leavesOf(`${path}.${key}`, item))
		: [path];
}

/** A choice between tagged groups can be swept as a whole too, unless it is a slice: a path has a point. */
function schemaLeaves(path: string, {properties, anyOf = [], discriminator}: SchemaPart): readonly string[] {
	const groups = anyOf.filter(branch => branch.properties);
	if (properties) {
		return Object.entries(properties).flatMap(([key, schema]) => schemaLeaves(`${path}.${key}`, schema));
	}

	const choice = discriminator && path.includes('.') ? [path] : [];
	return groups.length > 0 ? [...choice, ...groups.flatMap(branch => schemaLeaves(path, branch))] : [path];
}

/** The path whose tail of as many keys is spelt most alike. */
function nearest(name: string, paths: readonly string[]): string {
	const {length} = name.split('.');
	const tails = paths.map(path => path.split('.').slice(-length).join('.'));
	return paths[tails.indexOf(closest(name, tails))]!;
}
