import {increase, instantiate, integer, op, untilZero, valueType, type Code, type WasmFunction} from '../tensors/wasm/assembler.ts';

const {i32, v128} = valueType;

/** Bytes that a vector holds. */
export const vectorBytes = 16;

/** Binary places of the weights, as Pillow counts with. */
export const precisionBits = 22;

/** Added to sums, so that cutting them off rounds them. They stay below 2³¹: the weights of an output add up to 2²², give or take their rounding. */
const half: Code = [...op.constant(2 ** (precisionBits - 1)), ...integer.i32x4.splat];

/** Four sums as what they are worth, from 0 to 255 and above. */
const valuesOf = (sums: number): Code => [...op.get(sums), ...op.constant(precisionBits), ...integer.i32x4.shiftRight];

/** Sums ← sums + numbers · weight, where `numbers` leaves them on the stack. */
const addWeighted = (sums: number, numbers: Code, weight: Code): Code => [...op.get(sums), ...numbers, ...weight, ...integer.i32x4.multiply, ...integer.i32x4.add, ...op.set(sums)];

/**
 * Makes rows of pixels in three colours narrower or wider. Parameters: the input, in bytes from the beginning of the memory; the output, whose rows follow each other; how many rows; bytes
 * from one row of the input to the next; the taps, two i32 per pixel of the output: where in a row its first input is, and how many there are; the weights, one after the other; pixels per row of the output.
 */
function columns(): WasmFunction {
	const [input, output, rows, stride, taps, weights, pixels, left, tap, weight, from, count, sums] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] as const;
	return {
		name: 'columns',
		parameters: [i32, i32, i32, i32, i32, i32, i32],
		locals: [i32, i32, i32, i32, i32, v128],
		body: untilZero(rows, [
			...op.get(pixels),
			...op.set(left),
			...op.get(taps),
			...op.set(tap),
			...op.get(weights),
			...op.set(weight),
			...untilZero(left, [
				...op.get(input),
				...op.get(tap),
				...integer.load(),
				...op.add,
				...op.set(from),
				...op.get(tap),
				...integer.load(4),
				...op.set(count),
				...half,
				...op.set(sums),
				...untilZero(count, [
					// With the three colours comes one of the next pixel, which the next output writes over.
					...addWeighted(sums, [...op.get(from), ...integer.bytes.loadFour, ...integer.bytes.extendLow, ...integer.i32x4.extendLow], [...op.get(weight), ...op.f32x4.loadSplat]),
					...increase(from, op.constant(3)),
					...increase(weight, op.constant(4)),
				]),
				...op.get(output),
				...valuesOf(sums),
				...valuesOf(sums),
				...integer.i32x4.narrow,
				...op.get(sums),
				...integer.bytes.narrow,
				...integer.bytes.storeFour,
				...increase(output, op.constant(3)),
				...increase(tap, op.constant(8)),
			]),
			...increase(input, op.get(stride)),
		]),
	};
}

/**
 * Makes an image lower or higher, 16 bytes of a row at a time: what is written beyond the end of a row, the next one writes over. Parameters: input and output; rows of the output; bytes per row; taps and weights as
 * above; how many times 16 bytes make a row.
 */
function rows(): WasmFunction {
	const [input, output, rowsLeft, rowBytes, taps, weights, chunks, left, column, to, from, count, weight, bytes, splat, ...sums] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18] as const;
	const extended = (half: Code, quarter: Code): Code => [...op.get(bytes), ...half, ...quarter];
	const {extendLow, extendHigh, narrow} = integer.i32x4;
	return {
		name: 'rows',
		parameters: [i32, i32, i32, i32, i32, i32, i32],
		locals: [i32, i32, i32, i32, i32, i32, v128, v128, v128, v128, v128, v128],
		body: untilZero(rowsLeft, [
			...op.get(chunks),
			...op.set(left),
			...op.get(input),
			...op.get(taps),
			...integer.load(),
			...op.add,
			...op.set(column),
			...op.get(output),
			...op.set(to),
			...untilZero(left, [
				...op.get(column),
				...op.set(from),
				...op.get(taps),
				...integer.load(4),
				...op.set(count),
				...op.get(weights),
				...op.set(weight),
				...sums.flatMap(sum => [...half, ...op.set(sum)]),
				...untilZero(count, [
					...op.get(from),
					...integer.bytes.load,
					...op.set(bytes),
					...op.get(weight),
					...op.f32x4.loadSplat,
					...op.set(splat),
					...[
						extended(integer.bytes.extendLow, extendLow), extended(integer.bytes.extendLow, extendHigh), extended(integer.bytes.extendHigh, extendLow), extended(integer.bytes.extendHigh, extendHigh),
					].flatMap((numbers, quarter) => addWeighted(sums[quarter]!, numbers, op.get(splat))),
					...increase(from, op.get(rowBytes)),
					...increase(weight, op.constant(4)),
				]),
				...op.get(to),
				...valuesOf(sums[0]),
				...valuesOf(sums[1]),
				...narrow,
				...valuesOf(sums[2]),
				...valuesOf(sums[3]),
				...narrow,
				...integer.bytes.narrow,
				...integer.bytes.store,
				...increase(to, op.constant(16)),
				...increase(column, op.constant(16)),
			]),
			...increase(weights, [...op.get(taps), ...integer.load(4), ...op.constant(4), ...op.multiply]),
			...increase(taps, op.constant(8)),
			...increase(output, op.get(rowBytes)),
		]),
	};
}

/** The part of the WebAssembly API that is used here; Node's types leave it out. */
type WebAssemblyApi = {
	readonly Memory: new (size: {readonly initial: number}) => WasmMemory;
};

type WasmMemory = {readonly buffer: ArrayBuffer; grow(pages: number): void};

type ResizingFunctions = Readonly<Record<'columns' | 'rows', (...parameters: number[]) => void>>;

const pageBytes = 2 ** 16;

/** The functions above, and the memory they work in. It is filled anew for each picture, and is as large as the largest one needed. */
export class ResizingCode {
	readonly functions: ResizingFunctions;
	readonly #memory: WasmMemory;
	#used = 0;

	constructor() {
		const {WebAssembly: api} = globalThis as unknown as {WebAssembly: WebAssemblyApi};
		this.#memory = new api.Memory({initial: 1});
		this.functions = instantiate([columns(), rows()], this.#memory);
	}

	/** All of the memory, until more is taken. */
	get bytes(): Uint8Array {
		return new Uint8Array(this.#memory.buffer);
	}

	/** Gives all of the memory back. */
	clear(): void {
		this.#used = 0;
	}

	/** Takes some bytes. The functions may touch up to a vector behind them. @returns where they are */
	take(sizeBytes: number): number {
		const place = this.#used;
		this.#used += Math.ceil(sizeBytes / vectorBytes) * vectorBytes;
		const pages = Math.ceil((this.#used + vectorBytes) / pageBytes) - (this.#memory.buffer.byteLength / pageBytes);
		if (pages > 0) {
			this.#memory.grow(pages);
		}

		return place;
	}

	/** Takes bytes for numbers, and writes them there. */
	put(numbers: Int32Array): number {
		const place = this.take(numbers.byteLength);
		new Int32Array(this.#memory.buffer, place).set(numbers);
		return place;
	}
}
