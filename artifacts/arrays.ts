import type {NamedArray} from './safetensors.ts';

/** Narrows a decoded array. @throws {TypeError} when it is missing or of another type. */
export function float32(array: NamedArray | undefined, name: string): Float32Array {
	if (array?.data instanceof Float32Array) {
		return array.data;
	}

	throw mismatch(array, name, 'F32');
}

/** Narrows a decoded array. @throws {TypeError} when it is missing or of another type. */
export function int32(array: NamedArray | undefined, name: string): Int32Array {
	if (array?.data instanceof Int32Array) {
		return array.data;
	}

	throw mismatch(array, name, 'I32');
}

/** Narrows a decoded array. @throws {TypeError} when it is missing or of another type. */
export function uint8(array: NamedArray | undefined, name: string): Uint8Array {
	if (array?.data instanceof Uint8Array) {
		return array.data;
	}

	throw mismatch(array, name, 'U8');
}

/** What a file says under a name besides its arrays. @throws {TypeError} when it says nothing. */
export function fact(metadata: Readonly<Record<string, unknown>>, name: string): unknown {
	if (Object.hasOwn(metadata, name)) {
		return metadata[name];
	}

	throw new TypeError(`Expected metadata named "${name}", got nothing`);
}

function mismatch(array: NamedArray | undefined, name: string, expected: string): TypeError {
	return new TypeError(`Expected a ${expected} array named "${name}", got ${array ? array.data.constructor.name : 'nothing'}`);
}
