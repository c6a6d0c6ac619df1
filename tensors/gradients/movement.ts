import * as tf from '@tensorflow/tfjs-core';
import {type Gradient} from './gradient.ts';

/** Kernels that move numbers without changing them: the gradient moves back. */
export const movementGradients: readonly Gradient[] = [
	{kernel: tf.Reshape, inputs: ['x'], derive: (dy, [x]) => ({x: () => tf.reshape(dy, x!.shape)})},
	{kernel: tf.ExpandDims, inputs: ['input'], derive: (dy, [input]) => ({input: () => tf.reshape(dy, input!.shape)})},
	{kernel: tf.Transpose, derive: (dy, _, {perm}) => ({x: () => tf.transpose(dy, tf.backend_util.getUndoAxesPermutation(perm))})},
	{kernel: tf.Reverse, derive: (dy, _, {dims}) => ({x: () => tf.reverse(dy, dims)})},
	{
		kernel: tf.Concat,
		inputs: 'all',
		derive(dy, parts, {axis}) {
			const [concatAxis] = tf.util.parseAxisParam(axis, parts[0]!.shape);
			let start = 0;
			return Object.fromEntries(parts.map((part, index) => {
				const begin = dy.shape.map(() => 0);
				begin[concatAxis!] = start;
				start += part.shape[concatAxis!]!;
				return [index, () => tf.slice(dy, begin, part.shape)];
			}));
		},
	},
	{
		kernel: tf.Slice,
		inputs: ['x'],
		derive: (dy, [x], {begin, size}) => ({
			x() {
				const [starts] = tf.slice_util.parseSliceParams(x!, begin, size);
				return tf.pad(dy, starts!.map((start, axis): [number, number] => [start, x!.shape[axis]! - start - dy.shape[axis]!]));
			},
		}),
	},
	{
		kernel: tf.PadV2,
		inputs: ['x'],
		derive: (dy, [x], {paddings}) => ({x: () => tf.slice(dy, paddings.map(([before]) => before), x!.shape)}),
	},
	{
		kernel: tf.Tile,
		inputs: ['x'],
		derive: (dy, [x], {reps}) => ({
			x() {
				// Each axis becomes [repetitions, size]; the repetitions are summed.
				const split = x!.shape.flatMap((size, axis) => [reps[axis]!, size]);
				return tf.reshape(tf.sum(tf.reshape(dy, split), x!.shape.map((_, axis) => 2 * axis)), x!.shape);
			},
		}),
	},
	{
		kernel: tf.Pack,
		inputs: 'all',
		derive(dy, parts, {axis}) {
			const pieces = tf.unstack(dy, axis);
			return Object.fromEntries(parts.map((_, index) => [index, () => pieces[index]!]));
		},
	},
	{kernel: tf.Unpack, derive: (dy, _, {axis}) => ({value: () => tf.stack(dy as unknown as tf.Tensor[], axis)})},
	{kernel: tf.SplitV, derive: (dy, _, {axis}) => ({x: () => tf.concat(dy as unknown as tf.Tensor[], axis)})},
	{
		kernel: tf.GatherV2,
		inputs: ['x', 'indices'],
		derive: (dy, [x, indices], {axis, batchDims}) => ({
			x: () => scatterBack(dy, {
				x: x!, indices: indices!, axis: tf.util.parseAxisParam(axis, x!.shape)[0]!, batchDims,
			}),
			indices: () => tf.zeros(indices!.shape),
		}),
	},
	{
		kernel: tf.ResizeBilinear,
		inputs: ['images'],
		derive: (dy, [images], attributes) => ({images: () => tf.engine().runKernel(tf.ResizeBilinearGrad, {dy, images: images!}, {...attributes})}),
	},
];

type Gathered = {readonly x: tf.Tensor; readonly indices: tf.Tensor; readonly axis: number; readonly batchDims: number};

/** Adds each gathered gradient to the place it was gathered from. */
function scatterBack(dy: tf.Tensor, {x, indices, axis, batchDims}: Gathered): tf.Tensor {
	if (batchDims) {
		throw new Error(`tf.gather has no gradient for batchDims ${batchDims}; use batchDims 0`);
	}

	const before = x.shape.slice(0, axis);
	const after = x.shape.slice(axis + 1);
	const values = tf.reshape(dy, [tf.util.sizeFromShape(before), indices.size, tf.util.sizeFromShape(after)]);
	const updates = tf.transpose(values, [1, 0, 2]);
	const size = x.shape[axis]!;
	const sums = tf.scatterND(tf.reshape(tf.cast(indices, 'int32'), [indices.size, 1]), updates, [size, updates.shape[1]!, updates.shape[2]!]);
	return tf.reshape(tf.transpose(sums, [1, 0, 2]), x.shape);
}
