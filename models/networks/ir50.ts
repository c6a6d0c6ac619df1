import {defaultValues, uniformFans} from '../initial-values.ts';
import {pytorchFormat} from '../weight-format.ts';
import type {Layers} from './layers.ts';
import type {Network} from './network.ts';

/** Channels and units of each stage. */
const stages = [[64, 3], [128, 4], [256, 14], [512, 3]] as const;

/** Batch normalization, two 3×3 convolutions with a PReLU between them, batch normalization; the second has the stride. No activation follows the sum. */
function unit<X>(layers: Layers<X>, x: X, {name, channels, stride, widens}: {readonly name: string; readonly channels: number; readonly stride: number; readonly widens: boolean}): X {
	return layers.part(() => {
		const normalized = layers.batchNorm(x, {name: `${name}.res_layer.0`});
		const y = layers.prelu(layers.convolution(normalized, `${name}.res_layer.1`, {channels, kernel: 3, padding: 1}), `${name}.res_layer.2`);
		const narrowed = layers.convolution(y, `${name}.res_layer.3`, {channels, kernel: 3, stride, padding: 1, norm: {name: `${name}.res_layer.4`}});
		const passed = widens
			? layers.convolution(x, `${name}.shortcut_layer.0`, {channels, kernel: 1, stride, norm: {name: `${name}.shortcut_layer.1`}})
			: (stride === 1 ? x : layers.maxPool(x, {size: 1, stride}));
		return layers.add(narrowed, passed);
	});
}

/**
 * The improved residual network with 50 layers for faces (Deng et al. 2019, "ArcFace", Sec. 3.1, as face.evoLVe has it) and a linear layer of classes: the evaluation
 * network of low-resolution attacks, made for images of 112×112. The features are its 512 numbers; the hidden layers are the outputs of the four stages.
 */
export const ir50: Network = {
	head: 'fc_layer',
	format: pytorchFormat,
	// The original starts its backbone so; the layer of the classes is PyTorch's own.
	initialValues: weight => (weight.layer === 'fc_layer' ? defaultValues(weight) : uniformFans(weight)),
	// Published for faces in general, without a layer of classes.
	backbone: {nameOf: own => own.replace(/^feature\./u, ''), fresh: [], unused: []},
	trunk(layers, images) {
		const hidden: Array<typeof images> = [];
		// The original reads images in [0, 1].
		const input = layers.affine(images, [0.5], [0.5]);
		let x = layers.part(() => layers.prelu(
			layers.convolution(input, 'feature.input_layer.0', {channels: 64, kernel: 3, padding: 1, norm: {name: 'feature.input_layer.1'}}),
			'feature.input_layer.2',
		));
		let count = 0;
		let inputs = 64;
		for (const [channels, units] of stages) {
			for (let index = 0; index < units; index++) {
				x = unit(layers, x, {name: `feature.body.${count}`, channels, stride: index === 0 ? 2 : 1, widens: channels !== inputs});
				count++;
				inputs = channels;
			}

			hidden.push(x);
		}

		const normalized = layers.dropout(layers.batchNorm(x, {name: 'feature.output_layer.0'}), 'feature.output_layer.1', 0.5);
		const embedding = layers.linear(layers.flatten(normalized), 'feature.output_layer.3', {outputs: 512});
		return {features: layers.batchNorm(embedding, {name: 'feature.output_layer.4'}), hidden};
	},
};
