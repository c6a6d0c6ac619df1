import test from 'ava';
import {canonicalJson} from '../../../engine/canonical-json.ts';
import {digestText, type Digest} from '../../../engine/digest.ts';
import {fingerprintOf, type Ingredients} from '../../../engine/fingerprint.ts';
import {decodeRecord, encodeRecord, type Wanted} from '../../../engine/shared/record.ts';
import type {Result} from '../../../engine/store.ts';

const ingredients: Ingredients = {format: 1, stage: 'stage', code: '0'.repeat(32) as Digest, params: {a: 1}, inputs: {}, seed: null, backend: null, packages: {}};
const fingerprint = fingerprintOf(ingredients);
const result: Result = {
	fingerprint,
	nodeName: 'node@a',
	ingredients,
	outputs: {values: {digest: 'a'.repeat(32) as Digest, kind: 'numbers', sizeBytes: 5}},
	provenance: {startedAt: '2026-01-01T00:00:00.000Z', durationMs: 5.5, peakMemoryBytes: 1, host: 'h', node: 'v20', commit: 'abc+', log: 'one\ntwo'},
};
const wanted: Wanted = {fingerprint, ingredients, nodeName: 'node@b', kinds: {values: 'numbers'}};

test('what was encoded is decoded', t => {
	t.deepEqual(decodeRecord(encodeRecord(result), wanted), {outputs: result.outputs, provenance: result.provenance});
});

test('the text of a record does not depend on the order of keys', t => {
	t.is(encodeRecord({...result, outputs: {b: result.outputs.values!, a: result.outputs.values!}}), encodeRecord({...result, outputs: {a: result.outputs.values!, b: result.outputs.values!}}));
});

test('the format does not change by accident', t => {
	t.is(digestText(encodeRecord(result)).toString(), '35e1eb4613082344ea500d85b13cb307');
});

/** A record with a digest that fits, as somebody would make it who knows the format. */
function forged(changes: object): string {
	const body = {...result, ...changes};
	return canonicalJson({format: 1, digest: digestText(`record:1\n${canonicalJson(body)}`), result: body});
}

const {provenance} = result;
const output = result.outputs.values!;
const form = 'is damaged: it does not have the form of a record';
const refused: ReadonlyArray<readonly [fact: string, text: string, message: string]> = [
	['no JSON', 'no', form],
	['JSON of something else', '[1]', form],
	['a later format', canonicalJson({format: 2}), 'has format 2, expected 1'],
	['a changed text', encodeRecord(result).replace('5.5', '6.5'), 'is damaged: its text has another digest'],
	['another fingerprint', forged({fingerprint: 'b'.repeat(32)}), 'is that of another node'],
	['other ingredients', forged({ingredients: {...ingredients, params: {a: 2}}}), 'is that of another node'],
	['a further output', forged({outputs: {...result.outputs, more: output}}), 'has the outputs more, values, expected values'],
	['no output', forged({outputs: {}}), 'has the outputs , expected values'],
	['another kind', forged({outputs: {values: {...output, kind: 'images'}}}), 'has the kind images for the output values, expected numbers'],
	['a path as a digest', forged({outputs: {values: {...output, digest: '../../../../etc/passwd'}}}), form],
	['a negative size', forged({outputs: {values: {...output, sizeBytes: -1}}}), form],
	['a field nobody knows', forged({run: 'rm -rf /'}), form],
	['control characters for the terminal', forged({provenance: {...provenance, host: '\u001B[2J'}}), form],
	['no time', forged({provenance: {...provenance, startedAt: 'yesterday'}}), form],
	['a log that is no text', forged({provenance: {...provenance, log: {}}}), form],
];

for (const [fact, text, message] of refused) {
	test(`a record with ${fact} is refused`, t => {
		t.is(t.throws(() => decodeRecord(text, wanted)).message, `the record of ${fingerprint} ${message}`);
	});
}

test('any kind will do where none is expected', t => {
	t.notThrows(() => decodeRecord(encodeRecord(result), {...wanted, kinds: {values: undefined}}));
});
