import * as tf from '@tensorflow/tfjs-core';
import {allocate, view} from './heap.ts';

/** Name of the fused kernel: inputs x, scale, offset; attribute epsilon; outputs y, mean, variance. */
export const batchNormTrainingKernel = 'BatchNormTraining';

const batchNormTrainingGradientKernel = 'BatchNormTrainingGradient';

/** Forward pass: one pass over x for the moments, one for y. Sums are float64, so that the variance may be the difference of two of them. */
export const batchNormTraining: tf.KernelConfig = {
	kernelName: batchNormTrainingKernel,
	backendName: 'wasm',
	kernelFunc({inputs, attrs}) {
		const x = inputs.x!;
		const epsilon = attrs!.epsilon as number;
		const channels = x.shape.at(-1)!;
		const outputs = [allocate(x.shape), allocate([channels]), allocate([channels])];
		const [y, mean, variance] = outputs.map(output => view(output));
		const values = view(x);
		const [scale, offset] = [view(inputs.scale!), view(inputs.offset!)];
		const count = values.length / channels;
		const {sums, products} = channelSums(values, values, channels);
		const factors = new Float64Array(channels);
		const shifts = new Float64Array(channels);
		for (let channel = 0; channel < channels; channel++) {
			const centre = sums[channel]! / count;
			const spread = Math.max(0, (products[channel]! / count) - (centre * centre));
			mean![channel] = centre;
			variance![channel] = spread;
			factors[channel] = scale[channel]! / Math.sqrt(spread + epsilon);
			shifts[channel] = offset[channel]! - (centre * factors[channel]!);
		}

		for (let start = 0; start < values.length; start += channels) {
			for (let channel = 0; channel < channels; channel++) {
				y![start + channel] = (values[start + channel]! * factors[channel]!) + shifts[channel]!;
			}
		}

		return outputs;
	},
};

/**
 * Backward pass (Ioffe and Szegedy 2015, section 3). With x̂ = (x − mean)·r, r = 1/√(variance + ε), m values per channel:
 * dx = γ·r·(dy − Σdy/m − x̂·Σ(dy·x̂)/m), dγ = Σ(dy·x̂), dβ = Σdy; dx is evaluated as a·dy + b·x + c with numbers a, b, c per channel.
 */
export const batchNormTrainingGradient: tf.KernelConfig = {
	kernelName: batchNormTrainingGradientKernel,
	backendName: 'wasm',
	kernelFunc({inputs, attrs}) {
		const x = inputs.x!;
		const epsilon = attrs!.epsilon as number;
		const channels = x.shape.at(-1)!;
		const outputs = [allocate(x.shape), allocate([channels]), allocate([channels])];
		const [dx, dScale, dOffset] = outputs.map(output => view(output));
		const values = view(x);
		const dy = view(inputs.dy!);
		const [scale, mean, variance] = [view(inputs.scale!), view(inputs.mean!), view(inputs.variance!)];
		const count = values.length / channels;
		const {sums, products} = channelSums(dy, values, channels);
		const a = new Float64Array(channels);
		const b = new Float64Array(channels);
		const c = new Float64Array(channels);
		for (let channel = 0; channel < channels; channel++) {
			const inverse = 1 / Math.sqrt(variance[channel]! + epsilon);
			const alongNormalized = (products[channel]! - (mean[channel]! * sums[channel]!)) * inverse;
			dScale![channel] = alongNormalized;
			dOffset![channel] = sums[channel]!;
			a[channel] = scale[channel]! * inverse;
			b[channel] = -a[channel]! * inverse * alongNormalized / count;
			c[channel] = (-a[channel]! * sums[channel]! / count) - (b[channel]! * mean[channel]!);
		}

		for (let start = 0; start < values.length; start += channels) {
			for (let channel = 0; channel < channels; channel++) {
				dx![start + channel] = (a[channel]! * dy[start + channel]!) + (b[channel]! * values[start + channel]!) + c[channel]!;
			}
		}

		return outputs;
	},
};

/** Per channel: the sum of `first`, and the sum of `first` times `second`. */
function channelSums(first: Float32Array, second: Float32Array, channels: number) {
	const sums = new Float64Array(channels);
	const products = new Float64Array(channels);
	for (let start = 0; start < first.length; start += channels) {
		for (let channel = 0; channel < channels; channel++) {
			const value = first[start + channel]!;
			sums[channel]! += value;
			products[channel]! += value * second[start + channel]!;
		}
	}

	return {sums, products};
}

/** Lets tf.grads and tf.variableGrads go through the fused kernel. */
export function registerBatchNormGradient(): void {
	tf.registerGradient({
		kernelName: batchNormTrainingKernel,
		inputsToSave: ['x', 'scale'],
		outputsToSave: [false, true, true],
		gradFunc(dy, [x, scale, mean, variance], attributes) {
			const inputs = {
				dy: (dy as tf.Tensor[])[0]!, x: x!, scale: scale!, mean: mean!, variance: variance!,
			};
			const [dx, dScale, dOffset] = tf.engine().runKernel<tf.Tensor[]>(batchNormTrainingGradientKernel, inputs, attributes);
			return {x: () => dx!, scale: () => dScale!, offset: () => dOffset!};
		},
	});
}
