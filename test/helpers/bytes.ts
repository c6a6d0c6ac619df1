import {Buffer} from 'node:buffer';

/** The bytes an artifact is stored as. */
export function bytesOf<Value>(type: {readonly encode: (value: Value) => Iterable<Uint8Array>}, value: Value): Uint8Array {
	return Uint8Array.from(Buffer.concat([...type.encode(value)]));
}
