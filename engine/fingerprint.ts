import {canonicalJson} from './canonical-json.ts';
import {digestText, type Digest, type Fingerprint} from './digest.ts';

/** Raise when results of older versions must not be used any more: every cache goes cold. */
export const cacheFormat = 1;

/** Digest of one artifact, or of the same artifact of every variant. */
export type InputDigest = Digest | Readonly<Record<string, Digest>>;

/** Everything that determines a node's outputs. */
export type Ingredients = {
	/** Version of what a fingerprint holds. */
	readonly format: typeof cacheFormat;
	/** The stage's plain name; the file it is declared in does not matter. */
	readonly stage: string;
	/** Digest of the stage's code and all it uses, without comments, types, white space and unused code. */
	readonly code: Digest;
	/** The stage's own slice of the params. */
	readonly params: Readonly<Record<string, unknown>>;
	/** Input name → digest of the input's bytes; never how they were made, so an upstream rerun with equal bytes stops there. */
	readonly inputs: Readonly<Record<string, InputDigest>>;
	/** Derived from the run's seed and the node's name; `null` for stages that draw no random numbers. */
	readonly seed: string | null;
	/** Name and version of what computes, such as `wasm 4.22.0`; `null` for stages without a runtime. */
	readonly backend: string | null;
	/** Npm package → version, for the packages the code imports. */
	readonly packages: Readonly<Record<string, string>>;
};

/** The name under which a node's outputs are stored. */
export function fingerprintOf(ingredients: Ingredients): Fingerprint {
	return fingerprinter(ingredients)(ingredients.inputs, canonicalJson(ingredients.params), ingredients.seed);
}

/** What all nodes of a stage have in common. */
export type StageIngredients = Pick<Ingredients, 'backend' | 'code' | 'format' | 'packages' | 'stage'>;

/**
 * Fingerprints of the nodes of one stage: the digest of the ingredients as canonical JSON, of which the parts that all nodes share are written once.
 * @returns a function of the inputs, of the params as canonical JSON, and of the seed
 */
export function fingerprinter({backend, code, format, packages, stage}: StageIngredients): (inputs: Ingredients['inputs'], paramsText: string, seed: string | null) => Fingerprint {
	// Keys in the order of canonical JSON.
	const beforeInputs = `fingerprint:${cacheFormat}\n{"backend":${canonicalJson(backend)},"code":${canonicalJson(code)},"format":${canonicalJson(format)},"inputs":`;
	const beforeParams = `,"packages":${canonicalJson(packages)},"params":`;
	const afterSeed = `,"stage":${canonicalJson(stage)}}`;
	return (inputs, paramsText, seed) => digestText(`${beforeInputs}${canonicalJson(inputs)}${beforeParams}${paramsText},"seed":${canonicalJson(seed)}${afterSeed}`) as string as Fingerprint;
}

/** One difference between two sets of ingredients. */
export type Difference = {
	/** Such as `params.learningRate`, `input images`, `code`. */
	readonly what: string;
	readonly before: unknown;
	readonly now: unknown;
};

/** Which ingredients differ, each with its old and new value; empty when the fingerprints are equal. */
export function differences(before: Ingredients, now: Ingredients): readonly Difference[] {
	return [
		...compare('cache format', before.format, now.format),
		...compare('stage', before.stage, now.stage),
		...compare('code', before.code, now.code),
		...compareRecords('params.', before.params, now.params),
		...compareRecords('input ', before.inputs, now.inputs),
		...compare('seed', before.seed, now.seed),
		...compare('backend', before.backend, now.backend),
		...compareRecords('package ', before.packages, now.packages),
	];
}

function compare(what: string, before: unknown, now: unknown): Difference[] {
	return canonicalJson(before ?? null) === canonicalJson(now ?? null) ? [] : [{what, before, now}];
}

/** Goes into plain objects, so that the innermost key that differs is named. */
export function compareRecords(prefix: string, before: Readonly<Record<string, unknown>>, now: Readonly<Record<string, unknown>>): Difference[] {
	const keys = [...new Set([...Object.keys(before), ...Object.keys(now)])];
	return keys.flatMap(key => {
		const [old, current] = [before[key], now[key]];
		return isRecord(old) && isRecord(current) ? compareRecords(`${prefix}${key}.`, old, current) : compare(`${prefix}${key}`, old, current);
	});
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}
