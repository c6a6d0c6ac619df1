import type {ToyNetwork} from '../artifacts/toy.ts';
import {linearWeights, pytorchStream} from '../tensors/pytorch-random.ts';

/** A linear layer: row-major weight [outputs, inputs]. */
export type LinearLayer = {readonly inputs: number; readonly outputs: number; readonly weight: Float64Array};

/** A linear layer with bias, followed by batch normalization with scale γ and shift β; one number of each per output. */
export type HiddenLayer = LinearLayer & {readonly bias: Float64Array; readonly scale: Float64Array; readonly shift: Float64Array};

/** Every layer of a network. */
export type Layers = {readonly hidden: readonly HiddenLayer[]; readonly output: LinearLayer};

/** Added to variances before the root, as PyTorch does unless told otherwise. */
export const epsilon = 1e-5;

/** The layers as views of one array, which holds the weights of a network or their gradient, in the order of `ToyNetwork.weights`. */
export function layersIn(widths: readonly number[], values: Float64Array): Layers {
	const take = takerOf(values);
	const linear = (index: number) => {
		const [inputs, outputs] = [widths[index]!, widths[index + 1]!];
		return {inputs, outputs, weight: take(inputs * outputs)};
	};

	const hidden = widths.slice(2).map((_, index) => {
		const layer = linear(index);
		return {...layer, bias: take(layer.outputs), scale: take(layer.outputs), shift: take(layer.outputs)};
	});
	return {hidden, output: linear(widths.length - 2)};
}

/** How many numbers training changes. */
export function countWeights(widths: readonly number[]): number {
	return widths.slice(1).reduce((sum, outputs, index) => sum + (outputs * (widths[index]! + (index < widths.length - 2 ? 3 : 0))), 0);
}

/**
 * The network before training, as PyTorch initialises its layers one after the other.
 * @param widths - as in `ToyNetwork`.
 * @param pytorchSeed - what `torch.manual_seed` gets, 0 to 2³² − 1.
 */
export function initialNetwork(widths: readonly number[], pytorchSeed: number): ToyNetwork {
	const stream = pytorchStream(pytorchSeed);
	const weights = new Float64Array(countWeights(widths));
	const {hidden, output} = layersIn(widths, weights);
	for (const layer of hidden) {
		const {weight, bias} = linearWeights(stream, layer);
		layer.weight.set(weight);
		layer.bias.set(bias);
		layer.scale.fill(1);
	}

	output.weight.set(linearWeights(stream, {...output, hasBias: false}).weight);
	const units = hidden.reduce((sum, {outputs}) => sum + outputs, 0);
	return {widths, weights, means: new Float64Array(units), variances: new Float64Array(units).fill(1)};
}

/** One part per hidden layer of an array that has one number per hidden unit. */
export function perLayer(widths: readonly number[], values: Float64Array): readonly Float64Array[] {
	const take = takerOf(values);
	return widths.slice(1, -1).map(outputs => take(outputs));
}

/** Hands out an array piece by piece. */
function takerOf(values: Float64Array): (length: number) => Float64Array {
	let end = 0;
	return length => {
		end += length;
		return values.subarray(end - length, end);
	};
}
