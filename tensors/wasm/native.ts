import {adamStep} from './adam-code.ts';
import {instantiate} from './assembler.ts';
import {affineSum, columnSums} from './column-code.ts';
import {contraction} from './contraction.ts';
import {wasmBackend} from './heap.ts';
import {transposition} from './transposition.ts';

/**
 * A sum of outer products: c[i, j] += Σ a[i, k₀, k₁, k₂] · b[j, k₀, k₁, k₂], for 0 ≤ i < rows, 0 ≤ j < columns, over three nested ranges of k.
 * Matrix products and filter gradients of convolutions are such sums; the strides make copies and transposes unnecessary.
 * Positions and strides count float32 numbers. The columns of b and c are adjacent: their stride is 1.
 */
export type Contraction = {
	/** Positions of the first numbers on the heap. */
	readonly a: number;
	readonly b: number;
	readonly c: number;
	readonly rows: number;
	readonly columns: number;
	/** Strides of i in a and c. */
	readonly rowStrideA: number;
	readonly rowStrideC: number;
	/** Sizes of the ranges of k, outermost first; if one is 0, nothing is added. */
	readonly sizes: readonly [number, number, number];
	readonly stridesA: readonly [number, number, number];
	readonly stridesB: readonly [number, number, number];
	/** How often it is made with the same b, and how far the a and c of one are from those of the next; once if left out. */
	readonly repeats?: {readonly count: number; readonly strideA: number; readonly strideC: number};
};

/** Adds a contraction to c, on the heap of the WASM backend. */
export function contract({a, b, c, rows, columns, rowStrideA, rowStrideC, sizes, stridesA, stridesB, repeats = once}: Contraction): void {
	const [size0, size1, size2] = sizes;
	if (size0 > 0 && size1 > 0 && size2 > 0) {
		const [a0, a1, a2] = stridesA;
		const [b0, b1, b2] = stridesB;
		compiled().contract(4 * a, 4 * b, 4 * c, rows, columns, 4 * rowStrideA, 4 * rowStrideC, size0, size1, size2, 4 * a0, 4 * a1, 4 * a2, 4 * b0, 4 * b1, 4 * b2, repeats.count, 4 * repeats.strideA, 4 * repeats.strideC);
	}
}

const once = {count: 1, strideA: 0, strideC: 0};

/** Positions of a matrix [rows, columns] and of its transpose, and from one of their rows to the next. */
export type Transposition = {
	readonly from: number;
	readonly to: number;
	readonly rows: number;
	readonly columns: number;
	readonly rowStrideFrom: number;
	readonly rowStrideTo: number;
};

/** Numbers of a side of the squares in which matrices are transposed: both the rows that are read and those that are written stay in the fastest cache. */
const tile = 64;

/** Writes the transpose of a matrix, on the heap of the WASM backend. */
export function transpose({from, to, rows, columns, rowStrideFrom, rowStrideTo}: Transposition): void {
	for (let row = 0; row < rows; row += tile) {
		for (let column = 0; column < columns; column += tile) {
			compiled().transpose(
				4 * (from + (row * rowStrideFrom) + column),
				4 * (to + (column * rowStrideTo) + row),
				Math.min(tile, rows - row),
				Math.min(tile, columns - column),
				4 * rowStrideFrom,
				4 * rowStrideTo,
			);
		}
	}
}

/** Positions of two matrices of the same shape, and of a row for each that is subtracted from all its rows. */
export type ColumnSums = {
	readonly x: number;
	readonly xOrigin: number;
	readonly y: number;
	readonly yOrigin: number;
	readonly rows: number;
	readonly columns: number;
	/** Positions of two rows: Σ(x − xOrigin) and Σ(x − xOrigin)·(y − yOrigin) are written there. */
	readonly sums: number;
	readonly products: number;
};

/** Sums over the rows of two matrices, in float32: keep the number of rows to some hundreds. */
export function sumColumns({x, xOrigin, y, yOrigin, rows, columns, sums, products}: ColumnSums): void {
	compiled().columnSums(4 * x, 4 * xOrigin, 4 * y, 4 * yOrigin, rows, columns, 4 * sums, 4 * products);
}

/** Positions of two matrices, three rows of coefficients and the result. */
export type AffineSum = {
	readonly x: number;
	readonly y: number;
	readonly xFactor: number;
	readonly yFactor: number;
	readonly offset: number;
	readonly rows: number;
	readonly columns: number;
	readonly result: number;
};

/** Writes x·xFactor + y·yFactor + offset, with coefficients per column. */
export function addAffinely({x, y, xFactor, yFactor, offset, rows, columns, result}: AffineSum): void {
	compiled().affineSum(4 * x, 4 * y, 4 * xFactor, 4 * yFactor, 4 * offset, rows, columns, 4 * result);
}

/** Positions of the arrays of one variable, and the coefficients of one step of Adam. */
export type AdamStep = {
	readonly weights: number;
	readonly gradient: number;
	/** Running means, updated in place. */
	readonly first: number;
	readonly second: number;
	/** Where the new weights go. */
	readonly result: number;
	readonly size: number;
	readonly beta1: number;
	readonly beta2: number;
	/** Learning rate over the bias correction of the first mean. */
	readonly rate: number;
	/** Root of the bias correction of the second mean. */
	readonly root: number;
	readonly epsilon: number;
};

/** One step of Adam for one variable. */
export function stepAdam({weights, gradient, first, second, result, size, beta1, beta2, rate, root, epsilon}: AdamStep): void {
	compiled().adamStep(4 * weights, 4 * gradient, 4 * first, 4 * second, 4 * result, size, beta1, 1 - beta1, beta2, 1 - beta2, rate, root, epsilon);
}

type Functions = Readonly<Record<'contract' | 'transpose' | 'columnSums' | 'affineSum' | 'adamStep', (...parameters: number[]) => void>>;

/** Compiled once per backend instance, because the code is bound to that instance's memory. */
const instances = new WeakMap<object, Functions>();

function compiled(): Functions {
	const backend = wasmBackend();
	let functions = instances.get(backend);
	if (!functions) {
		const {memory} = (backend.wasm as unknown as {asm: {memory: object}}).asm;
		functions = instantiate([contraction, transposition, columnSums, affineSum, adamStep], memory);
		instances.set(backend, functions);
	}

	return functions;
}
