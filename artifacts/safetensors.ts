/**
 * The safetensors container: eight bytes of header length, a JSON header, then the raw little-endian arrays.
 * Python, Rust and the browser read it, so every object of the cache can be opened outside this project.
 */

export type TypedArray = Float32Array | Int32Array | Uint8Array;

/** A named block of numbers. */
export type NamedArray = {
	readonly shape: readonly number[];
	readonly data: TypedArray;
};

/** What one file holds. */
export type Container = {
	readonly arrays: Readonly<Record<string, NamedArray>>;
	/** JSON values, each stored as text under its key, as the format demands. */
	readonly metadata: Readonly<Record<string, unknown>>;
};

type HeaderEntry = {readonly dtype: string; readonly shape: number[]; readonly data_offsets: readonly [number, number]};

const headerLengthBytes = 8;

/** Arrays start on multiples of 8 bytes, so that a decoded file can be viewed without copying. */
const alignmentBytes = 8;

/** @throws {RangeError} when an array holds NaN, or not as many elements as its shape says. */
export function * encodeSafetensors({arrays, metadata}: Container): Iterable<Uint8Array> {
	const header: Record<string, HeaderEntry | Record<string, string>> = {
		__metadata__: Object.fromEntries(Object.keys(metadata).toSorted().map(key => [key, JSON.stringify(metadata[key])])),
	};
	// Widest elements first keeps every array aligned without padding between them.
	const names = Object.keys(arrays).toSorted((a, b) => widthOf(arrays[b]!) - widthOf(arrays[a]!) || (a < b ? -1 : 1));
	let offset = 0;
	for (const name of names) {
		const {shape, data} = arrays[name]!;
		const expected = shape.reduce((product, size) => product * size, 1);
		if (expected !== data.length) {
			throw new RangeError(`Array "${name}" has ${data.length} elements, but its shape [${shape.join(', ')}] says ${expected}`);
		}

		if (data instanceof Float32Array && data.some(value => Number.isNaN(value))) {
			throw new RangeError(`Array "${name}" holds NaN`);
		}

		header[name] = {dtype: dtypeOf(data), shape: [...shape], data_offsets: [offset, offset + data.byteLength]};
		offset += data.byteLength;
	}

	let text = JSON.stringify(header);
	text += ' '.repeat((alignmentBytes - (new TextEncoder().encode(text).length % alignmentBytes)) % alignmentBytes);
	const headerBytes = new TextEncoder().encode(text);
	const length = new Uint8Array(headerLengthBytes);
	new DataView(length.buffer).setBigUint64(0, BigInt(headerBytes.length), true);
	yield length;
	yield headerBytes;
	for (const name of names) {
		const {data} = arrays[name]!;
		yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
	}
}

/** @throws {SyntaxError | RangeError} when the bytes are not a safetensors file. */
export function decodeSafetensors(bytes: Uint8Array): Container {
	if (bytes.length < headerLengthBytes) {
		throw new RangeError(`Not a safetensors file: ${bytes.length} bytes, expected at least ${headerLengthBytes}`);
	}

	const headerLength = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
	const start = headerLengthBytes + headerLength;
	if (start > bytes.length) {
		throw new RangeError(`Not a safetensors file: the header would be ${headerLength} bytes long, the file is ${bytes.length}`);
	}

	const {__metadata__: texts = {}, ...entries} = JSON.parse(new TextDecoder().decode(bytes.subarray(headerLengthBytes, start))) as
		Record<string, HeaderEntry> & {__metadata__?: Record<string, string>};
	const arrays = Object.fromEntries(Object.entries(entries).map(([name, {dtype, shape, data_offsets: [from, to]}]) => {
		if (start + to > bytes.length) {
			throw new RangeError(`Truncated safetensors file: array "${name}" ends at byte ${start + to}, the file is ${bytes.length}`);
		}

		return [name, {shape, data: view(dtype, bytes.subarray(start + from, start + to))}];
	}));
	return {arrays, metadata: Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, JSON.parse(text) as unknown]))};
}

function widthOf({data}: NamedArray): number {
	return data.BYTES_PER_ELEMENT;
}

function dtypeOf(data: TypedArray): string {
	if (data instanceof Float32Array) {
		return 'F32';
	}

	if (data instanceof Int32Array) {
		return 'I32';
	}

	if (data instanceof Uint8Array) {
		return 'U8';
	}

	throw new TypeError(`Expected a Float32Array, Int32Array or Uint8Array, got ${Object.prototype.toString.call(data)}`);
}

function view(dtype: string, bytes: Uint8Array): TypedArray {
	// A view needs an aligned start; a slice makes one when the file itself was read into an unaligned place.
	const aligned = bytes.byteOffset % 4 === 0 ? bytes : Uint8Array.from(bytes);
	switch (dtype) {
		case 'F32': {
			return new Float32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
		}

		case 'I32': {
			return new Int32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
		}

		case 'U8': {
			return aligned;
		}

		default: {
			throw new RangeError(`Unsupported safetensors dtype "${dtype}"; expected F32, I32 or U8`);
		}
	}
}
