import * as tf from '@tensorflow/tfjs-core';
import {backendName, execute, type Attributes} from './operation.ts';

const type = {type: 'float32'} as const;

/** By what is transposed. */
const attributesOf = new Map<string, Attributes>();

/**
 * Products of matrices or stacks of matrices, by the operation that the library does not hand to oneDNN: that takes longer for small ones, and with it a process
 * that also took signals, as a profiled one does, was seen to crash with a damaged heap; with this operation it was not.
 */
export const matMul: tf.KernelConfig = {
	kernelName: tf.BatchMatMul,
	backendName,
	kernelFunc({inputs, attrs}) {
		const {transposeA, transposeB} = attrs as {transposeA: boolean; transposeB: boolean};
		const [a, b] = [inputs.a!, inputs.b!];
		if (a.dtype !== 'float32' || b.dtype !== 'float32') {
			throw new Error(`tf.matMul needs float32 matrices, got ${a.dtype} and ${b.dtype}`);
		}

		const key = `${transposeA} ${transposeB}`;
		const attributes = attributesOf.get(key) ?? {Ta: type, Tb: type, Tout: type, adj_x: {bool: Boolean(transposeA)}, adj_y: {bool: Boolean(transposeB)}};
		attributesOf.set(key, attributes);
		return execute('BatchMatMulV3', attributes, [a, b])[0]!;
	},
};
