import type * as tf from '@tensorflow/tfjs-core';
import {batchNormTrainingGradientKernel, batchNormTrainingKernel} from '../batch-norm-kernels.ts';
import {backendName} from './load.ts';
import {release, runProgram} from './program.ts';
import {reduce, rowsOf} from './reduction.ts';

/** Two passes over x for the moments, one for y, in place of some ten operations with intermediate results. */
export const batchNormTraining: tf.KernelConfig = {
	kernelName: batchNormTrainingKernel,
	backendName,
	kernelFunc({inputs, attrs}) {
		const {x, scale, offset} = inputs as {x: tf.TensorInfo; scale: tf.TensorInfo; offset: tf.TensorInfo};
		const layout = rowsOf(x);
		const columns = layout.inner;
		const mean = vector(reduce({name: 'Values', inputs: {x}, ...layout, value: 'x[at]', factor: 1 / layout.size}));
		const variance = vector(reduce({name: 'Squares', inputs: {x, mean}, ...layout, value: '(x[at] - mean[column]) * (x[at] - mean[column])', factor: 1 / layout.size}));
		const y = runProgram({
			name: 'BatchNormTraining',
			inputs: {x, mean, variance, scale, offset},
			outputShape: x.shape,
			uniforms: {columns: {i32: columns}, epsilon: {f32: attrs!.epsilon as number}},
			body: `
				let column = index % uniforms.columns;
				return (x[index] - mean[column]) * (scale[column] / sqrt(variance[column] + uniforms.epsilon)) + offset[column];
			`,
		});
		return [y, mean, variance];
	},
};

/** Backward pass (Ioffe and Szegedy 2015, section 3), with the sums of dy and of dy·x̂ over the rows: dx = γ·r·(dy − Σdy/m − x̂·Σ(dy·x̂)/m), where x̂ = (x − mean)·r and r = 1/√(variance + ε). */
export const batchNormTrainingGradient: tf.KernelConfig = {
	kernelName: batchNormTrainingGradientKernel,
	backendName,
	kernelFunc({inputs, attrs}) {
		const {dy, x, scale, mean, variance} = inputs as {dy: tf.TensorInfo; x: tf.TensorInfo; scale: tf.TensorInfo; mean: tf.TensorInfo; variance: tf.TensorInfo};
		const layout = rowsOf(x);
		const columns = layout.inner;
		const epsilon = {f32: attrs!.epsilon as number};
		const dOffset = vector(reduce({name: 'Values', inputs: {x: dy}, ...layout, value: 'x[at]'}));
		const along = reduce({name: 'Products', inputs: {dy, x, mean}, ...layout, value: 'dy[at] * (x[at] - mean[column])'});
		const dScale = runProgram({
			name: 'BatchNormScaleGradient', inputs: {along, variance}, outputShape: [columns], uniforms: {epsilon},
			body: 'return along[index] / sqrt(variance[index] + uniforms.epsilon);',
		});
		release(along);
		const dx = runProgram({
			name: 'BatchNormGradient',
			inputs: {dy, x, scale, mean, variance, dScale, dOffset},
			outputShape: x.shape,
			uniforms: {columns: {i32: columns}, epsilon, share: {f32: 1 / layout.size}},
			body: `
				let column = index % uniforms.columns;
				let inverse = 1.0 / sqrt(variance[column] + uniforms.epsilon);
				let normalized = (x[index] - mean[column]) * inverse;
				return scale[column] * inverse * (dy[index] - uniforms.share * (dOffset[column] + normalized * dScale[column]));
			`,
		});
		return [dx, dScale, dOffset];
	},
};

/** [1, channels] as [channels]. */
function vector({dataId, shape, dtype}: tf.TensorInfo): tf.TensorInfo {
	return {dataId, shape: [shape.at(-1)!], dtype};
}
