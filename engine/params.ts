import {Type, type TObject, type TProperties} from '@sinclair/typebox';
import {Ajv, type ErrorObject} from 'ajv';
import {digestText} from './digest.ts';
import {UserError} from './error.ts';
import {isObject, readParams, setPath, type Json, type JsonObject, type ParamsSource} from './params-file.ts';
import {similarName} from './suggestion.ts';
import type {ValidParams} from './valid-params.ts';

/** Numbers of one variant: every slice of params.json, patched and checked. */
export type Params = Readonly<Record<string, unknown>> & {readonly seed: number};

/** A named evaluation of the graph. */
export type Variant = {
	readonly name: string;
	/** Key path → value, as in params.json. */
	readonly patch: Readonly<Record<string, unknown>>;
	readonly params: Params;
	/** The params before the patch; the same for all variants. */
	readonly base: Params;
	/** All that the params file and `--set` say, `variants` and `sweep` included; the same for all variants. */
	readonly source: Readonly<Record<string, unknown>>;
};

/** What is wrong with one value. */
export type ParamsProblem = {readonly file: string; readonly path: string; readonly message: string};

/** Letters, digits, `_`, `.`, `,`, `=` and `-`; a letter or digit first. */
const variantName = '^[A-Za-z0-9][A-Za-z0-9_.,=-]*$';

/** The JSON schema of a whole params file, from the slices a pipeline declares. */
export function paramsSchema(slices: TProperties): TObject {
	return closed(Type.Object({
		$schema: Type.Optional(Type.String({description: 'Lets editors complete and check this file.'})),
		extends: Type.Optional(Type.String({description: 'A params file this one is a patch over; the path is relative to this file.'})),
		seed: Type.Integer({minimum: 0, maximum: (2 ** 32) - 1, description: 'Every random number of a run follows from it.'}),
		// Names become parts of node names, where `@`, `#` and `+` have a meaning.
		variants: Type.Record(Type.String({pattern: variantName}), Type.Record(Type.String(), Type.Unknown()), {
			minProperties: 1,
			additionalProperties: false,
			description: 'Name → patch: key paths such as "target.alpha" and their values. The graph is evaluated once per variant.',
		}),
		sweep: Type.Optional(Type.Record(Type.String(), Type.Array(Type.Unknown(), {minItems: 1}), {
			description: 'Key path such as "target.alpha" → the values that `pipeline sweep` runs.',
		})),
		goals: Type.Optional(Type.Array(Type.String(), {
			description: 'What a run brings up to date that names no goal, besides the usual: names of goals, or of what the pipeline delivers on request.',
		})),
		...slices,
	}));
}

/**
 * Reads, patches and checks a params file.
 * @param valid what was checked before and need not be checked again
 * @throws {UserError} `params-invalid` that reports every problem of the file and of every variant together.
 */
export function loadVariants(slices: TProperties, source: ParamsSource, valid?: ValidParams): readonly Variant[] {
	const {file, overrides, points} = source;
	const {base, problems} = readBase(source);
	const evaluated: JsonObject = points === undefined ? base : {...base, variants: points as JsonObject};
	const {variants: patches = {}, sweep = {}, goals: _, ...unpatched} = evaluated;
	const variants = (isObject(patches) ? Object.entries(patches) : []).map(([name, patch]): Variant => {
		const params = structuredClone(unpatched);
		for (const [path, value] of isObject(patch) ? Object.entries(patch) : []) {
			const message = /^(variants|sweep|goals|extends|\$schema)(\.|$)/.test(path) ? 'cannot be changed by a variant' : setPath(params, path, value);
			if (message !== undefined) {
				problems.push({file, path: `variants.${name}["${path}"]`, message});
			}
		}

		return {name, patch: patch as JsonObject, params: params as Params, base: unpatched as Params, source: base};
	});

	const schema = paramsSchema(slices);
	const digest = digestText(`params:2\n${JSON.stringify([schema, evaluated, variants])}`);
	if (problems.length === 0 && valid?.has(digest)) {
		return variants;
	}

	const listed = listedParams(sweep, unpatched, patches);
	problems.push(...listed.flatMap(({path, message}) => (message === undefined ? [] : [{file, path: `sweep["${path}"]`, message}])), ...check(schema, [
		{params: evaluated, where: file},
		...variants.map(({name, params}) => ({params: {...params, variants: patches}, where: points ? `point "${name}" of the sweep` : `${file}, variant "${name}"`})),
		...listed.map(({params, path}) => ({params, where: `${file}, values of "${path}" in "sweep"`})),
	], overrides.map(([path]) => path)));
	if (problems.length > 0) {
		throw invalidParams(problems);
	}

	valid?.add(digest);
	return variants;
}

/** Params before the patches, with `--set` in place, and what is wrong with `--set`. */
export function readBase({file, overrides}: ParamsSource): {readonly base: JsonObject; readonly problems: ParamsProblem[]} {
	const problems: ParamsProblem[] = [];
	const base = readParams(file);
	for (const [path, value] of overrides) {
		const message = path === 'extends' ? 'can only be said by a params file' : setPath(base, path, value as Json);
		if (message !== undefined) {
			problems.push({file: `--set ${path}`, path, message});
		}
	}

	return {base, problems};
}

/** Params with each value that the `sweep` section lists, so that a wrong one is found before somebody sweeps; `message` says when its path cannot be set. */
function listedParams(sweep: Json, unpatched: JsonObject, variants: Json): ReadonlyArray<{readonly params: JsonObject; readonly path: string; readonly message: string | undefined}> {
	const lists = isObject(sweep) ? Object.entries(sweep) : [];
	return lists.flatMap(([path, values]) => (Array.isArray(values) ? values : []).map(value => {
		const params = structuredClone({...unpatched, variants});
		return {path, message: setPath(params, path, value), params};
	}));
}

/** What is wrong with params files, and whether the file or `--set` says so. */
function check(schema: TObject, files: ReadonlyArray<{readonly params: JsonObject; readonly where: string}>, overrides: readonly string[]): readonly ParamsProblem[] {
	// The schema is ours and types check it; checking it against JSON Schema's own schema would take as long again.
	const validate = new Ajv({allErrors: true, discriminator: true, strict: false, verbose: true, validateSchema: false, meta: false, code: {optimize: false}}).compile(schema);
	return files.flatMap(({params, where}) => {
		validate(params);
		return problemsOf(validate.errors ?? [], path => {
			const override = overrides.findLast(set => path === set || path.startsWith(`${set}.`) || set.startsWith(`${path}.`));
			return override === undefined ? where : `--set ${override}`;
		});
	});
}

/** All problems in one error. */
export function invalidParams(problems: readonly ParamsProblem[]): UserError {
	// What is wrong before the patches is wrong in every variant.
	const keyOf = ({path, message}: ParamsProblem) => `${path} ${message}`;
	const unique = problems.filter((problem, index) => problems.findIndex(other => keyOf(other) === keyOf(problem)) === index);
	const lines = unique.map(({file, path, message}) => `  ${path === '' ? 'the file' : `"${path}"`} ${message}\n    in ${file}`);
	return new UserError(
		'params-invalid',
		`${unique.length} ${unique.length === 1 ? 'problem' : 'problems'} in the params, nothing was run:\n${lines.join('\n')}`,
	);
}

/** Refuses keys that no schema names, at every depth, and lets the tag of a union decide which branch is meant. */
function closed(schema: TObject): TObject {
	const close = (value: unknown): unknown => {
		if (Array.isArray(value)) {
			return value.map(item => close(item));
		}

		if (typeof value !== 'object' || value === null) {
			return value;
		}

		const {anyOf, ...rest} = Object.fromEntries(Object.entries(value).map(([key, item]) => [key, close(item)]));
		// With a discriminator, only the branch that is meant complains; ajv wants it beside `oneOf`.
		const copy: Record<string, unknown> = anyOf === undefined ? rest : {...rest, [rest.discriminator === undefined ? 'anyOf' : 'oneOf']: anyOf};
		return copy.type === 'object' && copy.properties ? {...copy, additionalProperties: false} : copy;
	};

	return close(schema) as TObject;
}

/** @param fileOf where the value at a key path comes from */
function problemsOf(errors: readonly ErrorObject[], fileOf: (path: string) => string): ParamsProblem[] {
	const unions = errors.filter(({keyword}) => keyword === 'anyOf').map(({schemaPath}) => `${schemaPath}/`);
	// A value that fits no branch of a union is one problem, not one per branch.
	return errors.filter(({schemaPath}) => !unions.some(union => schemaPath.startsWith(union))).map(error => {
		const path = error.instancePath.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~');
		const problem = explain(error, path);
		return {file: fileOf(problem.path), ...problem};
	});
}

function explain(error: ErrorObject, path: string): {path: string; message: string} {
	const join = (key: string) => (path === '' ? key : `${path}.${key}`);
	switch (error.keyword) {
		case 'additionalProperties': {
			const unknown = (error.params as {additionalProperty: string}).additionalProperty;
			const {properties = {}, patternProperties} = error.parentSchema as {properties?: object; patternProperties?: object};
			const known = Object.keys(properties);
			if (patternProperties) {
				return {path: join(unknown), message: 'is not a valid name: letters, digits, "_", ".", ",", "=" and "-", a letter or digit first'};
			}

			return {path: join(unknown), message: `is not a known key${suggest(unknown, known)}`};
		}

		case 'required': {
			const missing = (error.params as {missingProperty: string}).missingProperty;
			return {path: join(missing), message: `is missing${describeSchema((error.parentSchema as {properties?: Record<string, object>}).properties?.[missing])}`};
		}

		case 'discriminator': {
			const {tag} = error.params as {tag: string};
			const allowed = ((error.parentSchema as {anyOf?: Array<{properties: Record<string, {const: string}>}>; oneOf?: Array<{properties: Record<string, {const: string}>}>}).oneOf ?? [])
				.map(({properties}) => JSON.stringify(properties[tag]?.const));
			return {path: join(tag), message: `must be one of ${allowed.join(', ')}, got ${JSON.stringify((error.params as {tagValue: unknown}).tagValue)}`};
		}

		case 'type':
		case 'minimum':
		case 'maximum':
		case 'exclusiveMinimum':
		case 'exclusiveMaximum':
		case 'enum':
		case 'const':
		case 'anyOf': {
			const expected = describeSchema(error.parentSchema).slice(', '.length);
			return {path, message: `${expected === '' ? error.message : `must be ${expected}`}, got ${JSON.stringify(error.data)}`};
		}

		default: {
			// Such as "must NOT have fewer than 1 items".
			return {path, message: `${error.message?.replace('must NOT', 'must not')}, got ${JSON.stringify(error.data)}`};
		}
	}
}

/** A JSON schema in words: `, an integer from 1 to 5000`. */
function describeSchema(schema: object | undefined): string {
	const {type, minimum, maximum, exclusiveMinimum, exclusiveMaximum, enum: choices, anyOf, const: only} = (schema ?? {}) as {
		type?: string; minimum?: number; maximum?: number; exclusiveMinimum?: number; exclusiveMaximum?: number;
		enum?: unknown[]; anyOf?: Array<{const?: unknown}>; const?: unknown;
	};
	const constants = choices ?? anyOf?.map(option => option.const).filter(value => value !== undefined);
	if (only !== undefined) {
		return `, ${JSON.stringify(only)}`;
	}

	if (constants !== undefined && constants.length > 0) {
		return `, one of ${constants.map(value => JSON.stringify(value)).join(', ')}`;
	}

	const nouns: Record<string, string> = {integer: 'an integer', number: 'a number', string: 'a text', boolean: 'true or false', object: 'an object', array: 'an array'};
	if (type === undefined || !(type in nouns)) {
		return '';
	}

	const low = minimum ?? exclusiveMinimum;
	const high = maximum ?? exclusiveMaximum;
	const from = exclusiveMinimum === undefined ? 'from' : 'above';
	const to = exclusiveMaximum === undefined ? 'to' : 'below';
	const range = [low === undefined ? '' : ` ${high === undefined && from === 'from' ? 'of at least' : from} ${low}`, high === undefined ? '' : ` ${low === undefined && to === 'to' ? 'of at most' : to} ${high}`].join('');
	return `, ${nouns[type]}${range}`;
}

function suggest(unknown: string, known: readonly string[]): string {
	if (known.length === 0) {
		return '';
	}

	const similar = similarName(unknown, known);
	return `${similar === undefined ? '' : `; did you mean "${similar}"?`} (known: ${known.join(', ')})`;
}
