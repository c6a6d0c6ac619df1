/** What the numbers of a stored array are. All are little-endian, as in every file of this kind. */
export type ElementType = keyof typeof decoders;

/** How elements become float32: those of `bytes`, into the beginning of `target`. */
type Decoder = {readonly bytes: number; readonly decode: (bytes: Uint8Array, target: Float32Array) => void};

const decoders = {
	float64: {bytes: 8, decode: each(8, (view, at) => view.getFloat64(at, true))},
	float32: {bytes: 4, decode: copyBytes},
	float16: {bytes: 2, decode: each(2, (view, at) => halfToNumber(view.getUint16(at, true)))},
	bfloat16: {bytes: 2, decode: decodeBfloat16},
	int64: {bytes: 8, decode: each(8, (view, at) => Number(view.getBigInt64(at, true)))},
	int32: {bytes: 4, decode: each(4, (view, at) => view.getInt32(at, true))},
	int16: {bytes: 2, decode: each(2, (view, at) => view.getInt16(at, true))},
	int8: {bytes: 1, decode: each(1, (view, at) => view.getInt8(at))},
	uint8: {bytes: 1, decode: each(1, (view, at) => view.getUint8(at))},
	bool: {bytes: 1, decode: each(1, (view, at) => (view.getUint8(at) === 0 ? 0 : 1))},
} as const satisfies Record<string, Decoder>;

/** Bytes of one element. */
export function bytesOf(type: ElementType): number {
	return decoders[type].bytes;
}

/** Converts whole elements to float32; what it cannot hold is rounded to the nearest, as PyTorch does. */
export function decodeElements(type: ElementType, bytes: Uint8Array, target: Float32Array): void {
	decoders[type].decode(bytes, target);
}

function each(width: number, numberAt: (view: DataView, at: number) => number): Decoder['decode'] {
	return (bytes, target) => {
		const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
		for (let index = 0; index * width < bytes.length; index++) {
			target[index] = numberAt(view, index * width);
		}
	};
}

function copyBytes(bytes: Uint8Array, target: Float32Array): void {
	new Uint8Array(target.buffer, target.byteOffset, bytes.length).set(bytes);
}

/** The upper half of a float32. */
function decodeBfloat16(bytes: Uint8Array, target: Float32Array): void {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	const bits = new Uint32Array(target.buffer, target.byteOffset, target.length);
	for (let index = 0; index * 2 < bytes.length; index++) {
		bits[index] = view.getUint16(index * 2, true) * 65_536;
	}
}

/** IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits. */
function halfToNumber(bits: number): number {
	const sign = bits & 0x80_00 ? -1 : 1;
	const exponent = (bits >> 10) & 0x1F;
	const fraction = bits & 0x3_FF;
	if (exponent === 0) {
		return sign * fraction * (2 ** -24);
	}

	return exponent === 0x1F ? (fraction === 0 ? sign * Infinity : Number.NaN) : sign * (1024 + fraction) * (2 ** (exponent - 25));
}
