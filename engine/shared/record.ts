import {Type, type Static} from '@sinclair/typebox';
import {Ajv, type ValidateFunction} from 'ajv';
import {canonicalJson} from '../canonical-json.ts';
import {digestText, type Digest, type Fingerprint} from '../digest.ts';
import type {Ingredients} from '../fingerprint.ts';
import type {Provenance, Result, StoredArtifact} from '../store.ts';
import {RefusedError} from './verified.ts';

/** Raise when readers of older versions must not use records any more. */
const recordFormat = 1;

/** A result that is wanted from elsewhere: everything but its outputs and their provenance is known here. */
export type Wanted = {
	readonly fingerprint: Fingerprint;
	readonly nodeName: string;
	readonly ingredients: Ingredients;
	/** Output name → kind of artifact; `undefined` where any kind will do. */
	readonly kinds: Readonly<Record<string, string | undefined>>;
};

/** What a record says that is not known before. */
export type Recorded = {
	readonly outputs: Readonly<Record<string, StoredArtifact>>;
	readonly provenance: Provenance;
};

const hash = Type.String({pattern: String.raw`^[\da-f]{32}$`});
/** Goes to terminals, so it holds no control characters. */
const line = Type.String({maxLength: 1000, pattern: String.raw`^[^\x00-\x1f\x7f-\x9f]*$`});
const amount = Type.Number({minimum: 0});

const recordSchema = Type.Object({
	format: Type.Literal(recordFormat),
	/** Of the canonical JSON of the result. */
	digest: hash,
	result: Type.Object({
		fingerprint: hash,
		nodeName: line,
		ingredients: Type.Object({}),
		outputs: Type.Record(line, Type.Object({
			digest: hash,
			kind: line,
			sizeBytes: Type.Integer({minimum: 0}),
		}, {additionalProperties: false})),
		provenance: Type.Object({
			startedAt: Type.String({pattern: String.raw`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$`}),
			durationMs: amount,
			peakMemoryBytes: amount,
			host: line,
			node: line,
			commit: Type.Union([line, Type.Null()]),
			log: Type.String(),
		}),
	}, {additionalProperties: false}),
}, {additionalProperties: false});

/** The text that stands for a result in a shared cache. */
export function encodeRecord({fingerprint, nodeName, ingredients, outputs, provenance}: Result): string {
	const result = {fingerprint, nodeName, ingredients, outputs, provenance};
	return `${canonicalJson({format: recordFormat, digest: digestOf(result), result})}\n`;
}

/**
 * Reads a record that anybody may have written: nothing of it is used before all of it is checked.
 * @throws {RefusedError} when it is damaged, of another format, or does not answer what was asked
 */
export function decodeRecord(text: string, wanted: Wanted): Recorded {
	const record = parse(text);
	const what = `the record of ${wanted.fingerprint}`;
	const format = typeof record === 'object' && record !== null && 'format' in record ? record.format : undefined;
	if (typeof format === 'number' && format !== recordFormat) {
		throw new RefusedError(wanted.fingerprint, `${what} has format ${format}, expected ${recordFormat}`);
	}

	if (!hasForm(record)) {
		throw new RefusedError(wanted.fingerprint, `${what} is damaged: it does not have the form of a record`);
	}

	const {result} = record;
	if (record.digest !== digestOf(result)) {
		throw new RefusedError(wanted.fingerprint, `${what} is damaged: its text has another digest`);
	}

	if (result.fingerprint !== wanted.fingerprint || canonicalJson(result.ingredients) !== canonicalJson(wanted.ingredients)) {
		throw new RefusedError(wanted.fingerprint, `${what} is that of another node`);
	}

	const expected = Object.keys(wanted.kinds).toSorted();
	const got = Object.keys(result.outputs).toSorted();
	if (canonicalJson(expected) !== canonicalJson(got)) {
		throw new RefusedError(wanted.fingerprint, `${what} has the outputs ${got.join(', ')}, expected ${expected.join(', ')}`);
	}

	const outputs = Object.fromEntries(Object.entries(result.outputs).map(([name, {digest, kind, sizeBytes}]) => [name, {digest: digest as Digest, kind, sizeBytes}]));
	const misfit = expected.find(name => wanted.kinds[name] !== undefined && wanted.kinds[name] !== outputs[name]!.kind);
	if (misfit !== undefined) {
		throw new RefusedError(wanted.fingerprint, `${what} has the kind ${outputs[misfit]!.kind} for the output ${misfit}, expected ${wanted.kinds[misfit]}`);
	}

	return {outputs, provenance: result.provenance};
}

let form: ValidateFunction<Static<typeof recordSchema>> | undefined;

function hasForm(record: unknown): record is Static<typeof recordSchema> {
	form ??= new Ajv().compile<Static<typeof recordSchema>>(recordSchema);
	return form(record);
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return undefined;
	}
}

/** Tagged, so that it is no digest of anything else. */
function digestOf(result: unknown): string {
	return digestText(`record:${recordFormat}\n${canonicalJson(result)}`);
}
