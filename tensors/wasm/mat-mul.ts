import * as tf from '@tensorflow/tfjs-core';
import {contractInBlocks} from './blocks.ts';
import {allocate, position, release, view} from './heap.ts';
import {transpose} from './native.ts';

/** Products of matrices or stacks of matrices, each transposed or not. */
export const matMul: tf.KernelConfig = {
	kernelName: tf.BatchMatMul,
	backendName: 'wasm',
	kernelFunc({inputs, attrs}) {
		const {transposeA, transposeB} = attrs as {transposeA: boolean; transposeB: boolean};
		const a = stackOf(inputs.a!, transposeA);
		const b = stackOf(inputs.b!, transposeB);
		const {rows, columns: depth} = a;
		if (depth !== b.rows || [inputs.a!, inputs.b!].some(({dtype}) => dtype !== 'float32')) {
			throw new Error(`tf.matMul needs float32 matrices with the same inner size, got ${describe(inputs.a!, transposeA)} and ${describe(inputs.b!, transposeB)}`);
		}

		const outer = tf.broadcast_util.assertAndGetBroadcastShape(a.outer, b.outer);
		const count = tf.util.sizeFromShape(outer);
		const output = allocate([...outer, rows, b.columns]);
		const right = transposeB ? transposed(inputs.b!, b) : inputs.b!;
		view(output).fill(0);
		const [indicesA, indicesB] = [a, b].map(stack => broadcastIndices(stack.outer, outer));
		for (let index = 0; index < count; index++) {
			multiply({
				a: position(inputs.a!) + (indicesA![index]! * rows * depth),
				b: position(right) + (indicesB![index]! * depth * b.columns),
				c: position(output) + (index * rows * b.columns),
				rows,
				depth,
				columns: b.columns,
				transposeA,
			});
		}

		if (transposeB) {
			release(right);
		}

		return output;
	},
};

/** Positions of three matrices: a [rows, depth], or [depth, rows] where it is to be transposed, b [depth, columns] and c [rows, columns]. */
export type Product = {readonly a: number; readonly b: number; readonly c: number; readonly rows: number; readonly depth: number; readonly columns: number; readonly transposeA: boolean};

/** Adds a product of matrices to c, on the heap of the WASM backend. Every sum takes its terms in the order of the depth. */
export function multiply({a, b, c, rows, depth, columns, transposeA}: Product): void {
	const [rowStride, depthStride] = transposeA ? [1, rows] : [depth, 1];
	contractInBlocks({
		a,
		b,
		c,
		rows,
		columns,
		rowStrideA: rowStride,
		rowStrideC: columns,
		sizes: [1, 1, depth],
		stridesA: [0, 0, depthStride],
		stridesB: [0, 0, columns],
	});
}

/** Shape of a stack of matrices, as they are after transposing. */
type Stack = {readonly outer: number[]; readonly rows: number; readonly columns: number};

function stackOf({shape}: tf.TensorInfo, transpose: boolean): Stack {
	const [rows, columns] = shape.slice(-2) as [number, number];
	return {outer: shape.slice(0, -2), rows: transpose ? columns : rows, columns: transpose ? rows : columns};
}

function describe({shape, dtype}: tf.TensorInfo, transpose: boolean): string {
	return `${dtype} [${shape.join(', ')}]${transpose ? ' transposed' : ''}`;
}

/** For each matrix of the broadcast stack, which matrix of the given stack it is. */
function broadcastIndices(from: readonly number[], to: readonly number[]): Int32Array {
	return Int32Array.from({length: tf.util.sizeFromShape([...to])}, (_, index) => {
		let rest = index;
		let found = 0;
		let stride = 1;
		for (let axis = to.length - 1; axis >= to.length - from.length; axis--) {
			const size = from[axis - to.length + from.length]!;
			found += size === 1 ? 0 : (rest % to[axis]!) * stride;
			stride *= size;
			rest = Math.floor(rest / to[axis]!);
		}

		return found;
	});
}

/** A copy of a stack with `rows` and `columns` as given, from matrices that hold them the other way round. */
function transposed(input: tf.TensorInfo, {outer, rows, columns}: Stack): tf.TensorInfo {
	const output = allocate([...outer, rows, columns]);
	const size = rows * columns;
	for (let start = 0; start < tf.util.sizeFromShape(output.shape); start += size) {
		transpose({from: position(input) + start, to: position(output) + start, rows: columns, columns: rows, rowStrideFrom: rows, rowStrideTo: columns});
	}

	return output;
}
