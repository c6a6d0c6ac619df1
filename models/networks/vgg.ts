import {fanOutNormal} from '../initial-values.ts';
import {pytorchFormat} from '../weight-format.ts';
import type {Network} from './network.ts';

/** Channels of the 3×3 convolutions in each stage; configuration D of the paper. */
const stages = [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]] as const;

/**
 * VGG-16 (Simonyan and Zisserman 2015, Table 1 D) with batch normalization, as the low-resolution attacks use it (Chen et al. 2021, "Knowledge-enriched
 * distributional model inversion attacks"): in place of two linear layers one batch normalization of the flattened maps, whose offset is not trained; its output are
 * the features. The hidden layers are the outputs of the five stages.
 */
export const vgg16: Network = {
	head: 'fc_layer',
	format: pytorchFormat,
	initialValues: fanOutNormal,
	// Torchvision's network of that name, trained on ImageNet, has the convolutions; its three linear layers are left out.
	backbone: {nameOf: own => own.replace(/^feature\./u, 'features.'), fresh: ['bn'], unused: ['classifier.0', 'classifier.3', 'classifier.6']},
	trunk(layers, images) {
		const hidden: Array<typeof images> = [];
		// The original reads images in [0, 1].
		let x = layers.affine(images, [0.5], [0.5]);
		// The original counts convolutions, normalizations, ReLUs and poolings alike.
		let index = 0;
		for (const stage of stages) {
			for (const channels of stage) {
				x = layers.convolution(x, `feature.${index}`, {channels, kernel: 3, padding: 1, bias: true, norm: {name: `feature.${index + 1}`}, relu: true});
				index += 3;
			}

			x = layers.maxPool(x, {size: 2, stride: 2});
			index++;
			hidden.push(x);
		}

		return {features: layers.batchNorm(layers.flatten(x), {name: 'bn', frozenOffset: true}), hidden};
	},
};
