import {Buffer} from 'node:buffer';
import type {AnyArtifactType} from '../../engine/artifact.ts';
import {digestText} from '../../engine/digest.ts';

/** The bytes an artifact is stored as. */
export function bytesOf<Value>(type: {readonly encode: (value: Value) => Iterable<Uint8Array>}, value: Value): Uint8Array {
	return Uint8Array.from(Buffer.concat([...type.encode(value)]));
}

/** Output name → digest of its bytes, for what a stage returned. */
export function digestsOf(types: Readonly<Record<string, AnyArtifactType>>, values: Readonly<Record<string, unknown>>): Record<string, string> {
	return Object.fromEntries(Object.entries(types).map(([name, type]) => [name, digestText(Buffer.from(bytesOf(type, values[name])).toString('base64'))]));
}
