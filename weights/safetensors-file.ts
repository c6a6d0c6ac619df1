import {damaged, type ByteSource} from './byte-source.ts';
import {bytesOf, type ElementType} from './element-types.ts';
import {sizeOf, type PythonValue, type TensorStorage} from './python-values.ts';
import type {StoragePlace, TensorFile} from './tensor-file.ts';

const elementTypes: Readonly<Record<string, ElementType>> = {
	F64: 'float64', F32: 'float32', F16: 'float16', BF16: 'bfloat16', I64: 'int64', I32: 'int32', I16: 'int16', I8: 'int8', U8: 'uint8', BOOL: 'bool',
};

const lengthBytes = 8;

/** As in the format's own implementation: what claims to be longer is refused before it is read. */
const mostHeaderBytes = 100_000_000;

/** Whether a file begins as safetensors files do: the length of a header, and the header's first character. */
export function startsLikeSafetensors(head: Uint8Array): boolean {
	return head.length > lengthBytes && headerLength(head) <= mostHeaderBytes && head[lengthBytes] === 0x7B;
}

/**
 * Opens a safetensors file of any size without reading its arrays.
 * @throws {UserError} `weights-damaged` when header and arrays do not fit each other
 */
export function openSafetensors(source: ByteSource): TensorFile {
	const prefix = new Uint8Array(lengthBytes);
	source.read(prefix, 0);
	const header = new Uint8Array(Math.min(headerLength(prefix), mostHeaderBytes));
	source.read(header, lengthBytes);
	const {__metadata__: texts, ...entries} = parse(source, header);
	const bodyStart = lengthBytes + header.length;
	const tensors = new Map<PythonValue, PythonValue>();
	const places = new Map<TensorStorage, StoragePlace>();
	for (const [name, entry] of Object.entries(entries)) {
		const {elementType, shape, from, to} = locate(source, name, entry);
		if (bodyStart + to > source.sizeBytes) {
			throw damaged(source, `array "${name}" lies at bytes ${from} to ${to} of ${source.sizeBytes - bodyStart}`);
		}

		const storage = {type: 'storage', key: name, elementType, length: sizeOf(shape)} as const;
		tensors.set(name, {type: 'tensor', storage, offset: 0, shape, strides: contiguous(shape)});
		places.set(storage, {start: bodyStart + from, sizeBytes: to - from});
	}

	refuseGaps(source, [...places], bodyStart);
	return {source, container: 'safetensors', root: {type: 'dict', entries: tensors}, places, metadata: isObject(texts) ? parsedTexts(texts) : {}};
}

function headerLength(bytes: Uint8Array): number {
	return Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
}

function parse(source: ByteSource, header: Uint8Array): Record<string, unknown> {
	try {
		const value = JSON.parse(new TextDecoder('utf8', {fatal: true}).decode(header)) as unknown;
		if (isObject(value)) {
			return value;
		}
	} catch (error) {
		throw damaged(source, 'its header is not JSON', error);
	}

	throw damaged(source, 'its header is not an object');
}

function locate(source: ByteSource, name: string, entry: unknown): {readonly elementType: ElementType; readonly shape: readonly number[]; readonly from: number; readonly to: number} {
	const {dtype, shape, data_offsets: offsets} = isObject(entry) ? entry : {};
	const elementType = typeof dtype === 'string' && Object.hasOwn(elementTypes, dtype) ? elementTypes[dtype] : undefined;
	if (!elementType) {
		throw damaged(source, `array "${name}" is of type ${excerpt(dtype)}, expected one of ${Object.keys(elementTypes).join(', ')}`);
	}

	const [from, to, ...rest] = isSizes(offsets) ? offsets : [];
	if (!isSizes(shape) || from === undefined || to === undefined || rest.length > 0 || to - from !== sizeOf(shape) * bytesOf(elementType)) {
		throw damaged(source, `array "${name}" has the shape ${excerpt(shape)} and lies at bytes ${excerpt(offsets)}, which do not fit`);
	}

	return {elementType, shape, from, to};
}

/** Every byte belongs to exactly one array; a file that was cut or grown does not keep to that. */
function refuseGaps(source: ByteSource, places: ReadonlyArray<readonly [TensorStorage, StoragePlace]>, bodyStart: number): void {
	let end = bodyStart;
	for (const [{key}, {start, sizeBytes}] of places.toSorted(([, a], [, b]) => a.start - b.start || a.sizeBytes - b.sizeBytes)) {
		if (start !== end) {
			throw damaged(source, `array "${key}" begins at byte ${start}, but the one before it ends at byte ${end}`);
		}

		end = start + sizeBytes;
	}

	if (end !== source.sizeBytes) {
		throw damaged(source, `its arrays end at byte ${end}, but the file at byte ${source.sizeBytes}`);
	}
}

/** Our own files have JSON in their texts; others have plain ones. */
function parsedTexts(texts: Readonly<Record<string, unknown>>): Record<string, unknown> {
	return Object.fromEntries(Object.entries(texts).map(([key, text]) => {
		try {
			return [key, JSON.parse(String(text)) as unknown];
		} catch {
			return [key, text];
		}
	}));
}

function contiguous(shape: readonly number[]): readonly number[] {
	return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is readonly number[] {
	return Array.isArray(value) && value.every(size => Number.isSafeInteger(size) && size >= 0);
}

function excerpt(value: unknown): string {
	return (JSON.stringify(value) ?? 'nothing').slice(0, 60);
}
