/**
 * The safetensors container: eight bytes of header length, a JSON header, then the raw little-endian arrays.
 * Python, Rust and the browser read it, so every object of the cache can be opened outside this project.
 */

import type {ByteSource} from '../engine/artifact.ts';

export type TypedArray = Float32Array | Int32Array | Uint8Array;

/** Bytes that may lie on the disk: what a `Uint8Array` is to those who only look at parts of it. */
export type Bytes = Pick<Uint8Array, 'length'> & {
	/** The bytes from `start` up to `end`; a copy or a view. */
	readonly subarray: (start: number, end: number) => Uint8Array;
};

/** A named block of numbers. */
export type NamedArray<Data = TypedArray> = {
	readonly shape: readonly number[];
	readonly data: Data;
};

/** What one file holds. */
export type Container<Data = TypedArray> = {
	readonly arrays: Readonly<Record<string, NamedArray<Data>>>;
	/** JSON values, each stored as text under its key, as the format demands. */
	readonly metadata: Readonly<Record<string, unknown>>;
};

type HeaderEntry = {readonly dtype: Dtype; readonly shape: number[]; readonly data_offsets: readonly [number, number]};

const metadataName = '__metadata__';
const headerLengthBytes = 8;
const dtypes = {F32: Float32Array, I32: Int32Array, U8: Uint8Array} as const;

type Dtype = keyof typeof dtypes;

/** What is read from the disk at a time. */
const pieceBytes = 1024 ** 2;

/** Arrays start on multiples of 8 bytes, so that a decoded file can be viewed without copying. */
const alignmentBytes = 8;

/** @throws {RangeError} when an array holds NaN, not as many elements as its shape says, or takes the name of the metadata. */
export function * encodeSafetensors({arrays, metadata}: Container<Bytes | TypedArray>): Iterable<Uint8Array> {
	const texts = Object.fromEntries(Object.keys(metadata).toSorted().map(key => [key, JSON.stringify(metadata[key])]));
	// Widest elements first keeps every array aligned without padding between them.
	const named = Object.entries(arrays).toSorted(([a, left], [b, right]) => widthOf(right) - widthOf(left) || (a < b ? -1 : 1));
	const entries: Array<readonly [string, HeaderEntry]> = [];
	let offset = 0;
	for (const [name, {shape, data}] of named) {
		checkArray(name, {shape, data});
		const end = offset + (data.length * widthOf({data}));
		entries.push([name, {dtype: dtypeOf(data), shape: [...shape], data_offsets: [offset, end]}]);
		offset = end;
	}

	// Entries become own properties, whatever their names.
	let text = JSON.stringify({[metadataName]: texts, ...Object.fromEntries(entries)});
	text += ' '.repeat((alignmentBytes - (new TextEncoder().encode(text).length % alignmentBytes)) % alignmentBytes);
	const headerBytes = new TextEncoder().encode(text);
	const length = new Uint8Array(headerLengthBytes);
	new DataView(length.buffer).setBigUint64(0, BigInt(headerBytes.length), true);
	yield length;
	yield headerBytes;
	for (const [, {data}] of named) {
		yield * chunksOf(data);
	}
}

/** Bytes from the disk piece by piece. */
function * chunksOf(data: Bytes | TypedArray): Iterable<Uint8Array> {
	if (ArrayBuffer.isView(data)) {
		yield new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
		return;
	}

	for (let start = 0; start < data.length; start += pieceBytes) {
		yield data.subarray(start, Math.min(start + pieceBytes, data.length));
	}
}

function checkArray(name: string, {shape, data}: NamedArray<Bytes | TypedArray>): void {
	if (name === metadataName) {
		throw new RangeError(`An array cannot be named "${metadataName}"`);
	}

	const expected = product(shape);
	if (expected !== data.length) {
		throw new RangeError(`Array "${name}" has ${data.length} elements, but its shape [${shape.join(', ')}] says ${expected}`);
	}

	if (data instanceof Float32Array && data.some(value => Number.isNaN(value))) {
		throw new RangeError(`Array "${name}" holds NaN`);
	}
}

/**
 * Reads a whole file. The arrays are views of `bytes` where these are aligned.
 * @throws {RangeError} when the bytes are not a safetensors file, or one with arrays of other types than these.
 */
export function decodeSafetensors(bytes: Uint8Array): Container {
	const {arrays, metadata} = openSafetensors({sizeBytes: bytes.length, read: (start, end) => bytes.subarray(start, end)});
	return {arrays: Object.fromEntries(Object.entries(arrays).map(([name, {shape, read}]) => [name, {shape, data: read()}])), metadata};
}

/** An array that is not read yet. */
export type OpenedArray = {
	readonly shape: readonly number[];
	readonly dtype: Dtype;
	/** Its bytes, read when they are looked at. */
	readonly bytes: Bytes;
	/** All of it. */
	readonly read: () => TypedArray;
};

/**
 * Reads what a file says of itself, and its arrays when they are asked for.
 * @throws {RangeError} as `decodeSafetensors`
 */
export function openSafetensors(source: ByteSource): {readonly arrays: Readonly<Record<string, OpenedArray>>; readonly metadata: Container['metadata']} {
	const {header, start} = readHeader(source);
	const {[metadataName]: texts = {}, ...entries} = header;
	if (!isObject(texts)) {
		throw invalid(`its metadata must be an object, got ${excerpt(texts)}`);
	}

	const length = source.sizeBytes - start;
	const located = Object.entries(entries).map(([name, entry]) => ({name, ...locate(name, entry, length)}));
	refuseGaps(located, length);
	return {
		arrays: Object.fromEntries(located.map(({name, shape, dtype, from, to}) => {
			const bytes: Bytes = {length: to - from, subarray: (first, end) => source.read(start + from + first, start + from + end)};
			return [name, {shape, dtype, bytes, read: () => view(dtype, bytes.subarray(0, bytes.length))}];
		})),
		metadata: Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, parseText(key, text)])),
	};
}

function readHeader({sizeBytes, read}: ByteSource): {readonly header: Record<string, unknown>; readonly start: number} {
	if (sizeBytes < headerLengthBytes) {
		throw invalid(`${sizeBytes} bytes, expected at least ${headerLengthBytes}`);
	}

	const lengthBytes = read(0, headerLengthBytes);
	const headerLength = new DataView(lengthBytes.buffer, lengthBytes.byteOffset).getBigUint64(0, true);
	const start = headerLengthBytes + Number(headerLength);
	if (start > sizeBytes) {
		throw invalid(`the header would be ${headerLength} bytes long, the file is ${sizeBytes}`);
	}

	const header = parseHeader(read(headerLengthBytes, start));
	if (!isObject(header)) {
		throw invalid(`its header must be an object, got ${excerpt(header)}`);
	}

	return {header, start};
}

function parseHeader(bytes: Uint8Array): unknown {
	try {
		return JSON.parse(new TextDecoder('utf8', {fatal: true}).decode(bytes)) as unknown;
	} catch (error) {
		throw invalid('its header is not JSON', error);
	}
}

function parseText(key: string, text: unknown): unknown {
	try {
		return JSON.parse(text as string) as unknown;
	} catch (error) {
		throw invalid(`metadata "${key}" must be a text that holds JSON, got ${excerpt(text)}`, error);
	}
}

type Located = {readonly name: string; readonly shape: readonly number[]; readonly dtype: Dtype; readonly from: number; readonly to: number};

/** Checks what a header says about one array. */
function locate(name: string, entry: unknown, length: number): Omit<Located, 'name'> {
	const {dtype, shape, data_offsets: offsets} = isObject(entry) ? entry : {};
	if (!isDtype(dtype)) {
		throw invalid(`array "${name}" is of type ${excerpt(dtype)}, expected ${Object.keys(dtypes).join(', ')}`);
	}

	if (!isSizes(shape)) {
		throw invalid(`array "${name}" has the shape ${excerpt(shape)}, expected a list of sizes`);
	}

	const [from = -1, to = -1] = isSizes(offsets) ? offsets : [];
	if (from < 0 || to < from || to > length) {
		throw invalid(`array "${name}" lies at bytes ${excerpt(offsets)} of ${length}`);
	}

	const expected = product(shape) * dtypes[dtype].BYTES_PER_ELEMENT;
	if (to - from !== expected) {
		throw invalid(`array "${name}" has ${to - from} bytes, but its shape [${shape.join(', ')}] says ${expected}`);
	}

	return {dtype, shape, from, to};
}

/** Every byte belongs to exactly one array; a file that was cut, grown or made with a name twice does not keep to that. */
function refuseGaps(located: readonly Located[], length: number): void {
	let end = 0;
	for (const {name, from, to} of located.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
		if (from !== end) {
			throw invalid(from < end ? `array "${name}" overlaps another one` : `bytes ${end} to ${from} belong to no array`);
		}

		end = to;
	}

	if (end !== length) {
		throw invalid(`bytes ${end} to ${length} belong to no array`);
	}
}

function invalid(reason: string, cause?: unknown): RangeError {
	return new RangeError(`Not a valid safetensors file: ${reason}`, cause === undefined ? undefined : {cause});
}

/** Enough of a value to recognise it. */
function excerpt(value: unknown): string {
	return (JSON.stringify(value) ?? 'nothing').slice(0, 60);
}

function product(sizes: readonly number[]): number {
	return sizes.reduce((total, size) => total * size, 1);
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is readonly number[] {
	return Array.isArray(value) && value.every(size => Number.isSafeInteger(size) && size >= 0);
}

function isDtype(value: unknown): value is Dtype {
	return typeof value === 'string' && Object.hasOwn(dtypes, value);
}

function widthOf({data}: Pick<NamedArray<Bytes | TypedArray>, 'data'>): number {
	return ArrayBuffer.isView(data) ? data.BYTES_PER_ELEMENT : 1;
}

function dtypeOf(data: Bytes | TypedArray): Dtype {
	if (!ArrayBuffer.isView(data)) {
		return 'U8';
	}

	const dtype = (Object.keys(dtypes) as Dtype[]).find(name => data instanceof dtypes[name]);
	if (dtype === undefined) {
		throw new TypeError(`Expected a Float32Array, Int32Array or Uint8Array, got ${Object.prototype.toString.call(data)}`);
	}

	return dtype;
}

/** A view needs an aligned start; a copy makes one when the file itself was read into an unaligned place. */
function view(dtype: Dtype, bytes: Uint8Array): TypedArray {
	const ArrayOfType = dtypes[dtype];
	const {BYTES_PER_ELEMENT: width} = ArrayOfType;
	const {buffer, byteOffset} = bytes.byteOffset % width === 0 ? bytes : Uint8Array.from(bytes);
	return new ArrayOfType(buffer as ArrayBuffer, byteOffset, bytes.length / width);
}
