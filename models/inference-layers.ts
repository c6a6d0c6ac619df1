import * as tf from '@tensorflow/tfjs-core';
import type {Weights} from '../artifacts/classifier.ts';
import {convolve} from '../tensors/convolution.ts';
import {applyLinear, weightOf} from './layers.ts';
import type {BatchNormOptions} from './networks/layers.ts';
import type {LayerOutline, Outline} from './outline.ts';
import {
	asImages, asVectors, defaultEpsilon, layersWithoutWeights, paddingOf, type TensorLayers,
} from './tensor-layers.ts';
import {toComputed, type Part, type WeightFormat} from './weight-format.ts';

/** Layers that compute with given weights. */
export type InferenceLayers = {
	readonly layers: TensorLayers;
	/** Frees the weights. */
	dispose(): void;
};

/** What a layer computes with: a product with `factors`, then a sum with `offsets`. */
type Prepared = {readonly factors: tf.Tensor; readonly offsets: tf.Tensor | undefined};

/** The layers of an outline with their weights: batch normalization uses the moving moments, and dropout is off. */
export function inferenceLayers({layers: outlines}: Outline, weights: Weights, format: WeightFormat): InferenceLayers {
	const read = (layer: string, part: Part) => toComputed(format, weightOf(weights, format.nameOf(layer, part)));
	const prepared = new Map(outlines.map(outline => [outline.kind === 'norm' ? outline.options.name : outline.name, prepare(outline, read)]));
	const layerOf = (name: string) => {
		const layer = prepared.get(name);
		if (!layer) {
			throw new Error(`Internal error: expected a layer "${name}" but there are ${[...prepared.keys()].join(', ')}`);
		}

		return layer;
	};

	const layers: TensorLayers = {
		...layersWithoutWeights(format),
		convolution(x, name, {stride = 1, padding = 0, groups = 1, relu}) {
			const {factors: filter, offsets} = layerOf(name) as Prepared & {factors: tf.Tensor4D};
			const pad = paddingOf(padding);
			if (offsets && relu && groups === 1) {
				// One kernel in place of three; while gradients are taken, TensorFlow.js itself falls back to the three.
				return tf.fused.conv2d({
					x: asImages(x), filter, strides: stride, pad, bias: offsets, activation: 'relu',
				});
			}

			const convolved = convolve(asImages(x), filter, {strides: stride, pad, groups});
			const y = offsets ? tf.add(convolved, offsets) : convolved;
			return relu ? tf.relu(y) : y;
		},
		batchNorm(x, {name}) {
			const {factors, offsets} = layerOf(name);
			return tf.add(tf.mul(x, factors), offsets!);
		},
		linear(x, name) {
			const {factors, offsets} = layerOf(name);
			return offsets ? applyLinear(asVectors(x), {kernel: factors as tf.Tensor2D, bias: offsets as tf.Tensor1D}) : tf.matMul(asVectors(x), factors);
		},
		prelu: (x, name) => tf.prelu(x, layerOf(name).factors),
		dropout: x => x,
	};

	return {
		layers,
		dispose() {
			tf.dispose([...prepared.values()].map(({factors, offsets}) => [factors, offsets ?? []]));
		},
	};
}

type Read = (layer: string, part: Part) => ReturnType<typeof toComputed>;

/** The numbers of a layer as tensors that live until they are disposed of. */
function prepare(outline: LayerOutline, read: Read): Prepared {
	switch (outline.kind) {
		case 'convolution': {
			const {name, options: {norm, bias}} = outline;
			const kernel = read(name, 'kernel');
			const shift = bias ? read(name, 'bias').data : undefined;
			if (!norm) {
				return {factors: keep(kernel), offsets: shift && keep({shape: [shift.length], data: shift})};
			}

			const {factors, offsets} = foldedNorm(norm, read, shift);
			// The last axis of a kernel is the output channel.
			const data = kernel.data.map((weight, index) => weight * factors[index % factors.length]!);
			return {factors: keep({shape: kernel.shape, data}), offsets: keep({shape: [offsets.length], data: offsets})};
		}

		case 'norm': {
			const {factors, offsets} = foldedNorm(outline.options, read);
			return {factors: keep({shape: [factors.length], data: Float32Array.from(factors)}), offsets: keep({shape: [offsets.length], data: offsets})};
		}

		case 'linear': {
			const {name, hasBias} = outline;
			return {factors: keep(read(name, 'kernel')), offsets: hasBias ? keep(read(name, 'bias')) : undefined};
		}

		case 'prelu': {
			return {factors: keep(read(outline.name, 'slope')), offsets: undefined};
		}
	}
}

/**
 * Batch normalization with the moving moments as a product and a sum: γ(x + b − mean)·r + β with r = 1/√(variance + ε) has the factor γ·r and the
 * offset β + (b − mean)·γ·r. After a convolution w∗x, whose bias is b, the factor can go into w.
 */
function foldedNorm({name, epsilon = defaultEpsilon}: BatchNormOptions, read: Read, bias?: Float32Array): {factors: Float64Array; offsets: Float32Array} {
	const [scale, offset, mean, variance] = (['scale', 'offset', 'movingMean', 'movingVariance'] as const).map(part => read(name, part).data) as [Float32Array, Float32Array, Float32Array, Float32Array];
	const factors = Float64Array.from(scale, (value, channel) => value / Math.sqrt(variance[channel]! + epsilon));
	return {factors, offsets: offset.map((shift, channel) => shift - ((mean[channel]! - (bias?.[channel] ?? 0)) * factors[channel]!))};
}

function keep({shape, data}: ReturnType<Read>): tf.Tensor {
	return tf.keep(tf.tensor(data, [...shape]));
}
