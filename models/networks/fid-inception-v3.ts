import {pytorchFormat} from '../weight-format.ts';
import {convolutions} from './inception-blocks.ts';
import {moduleA, moduleB, moduleC, moduleD, moduleE} from './inception-v3.ts';
import type {FeatureArchitecture} from './network.ts';

/**
 * The Inception network that the FID is defined with (Heusel et al. 2017), as pytorch-fid has TensorFlow's of 2015-12-05: Inception-v3 whose average pools leave the
 * places around the image out, and whose last module takes the maximum in place of the average. Its 1008-way last layer has no use.
 */
export const fidInceptionV3: FeatureArchitecture = {
	head: 'fc',
	format: pytorchFormat,
	trunk(layers, images) {
		const inside = {...layers, averagePool: layers.averageInside};
		const stem = layers.part(() => {
			const early = convolutions(layers, images, '', [['Conv2d_1a_3x3', 32, 3, {stride: 2}], ['Conv2d_2a_3x3', 32, 3], ['Conv2d_2b_3x3', 64, 3, {padding: 1}]]);
			const late = convolutions(layers, layers.maxPool(early, {size: 3, stride: 2}), '', [['Conv2d_3b_1x1', 80, 1], ['Conv2d_4a_3x3', 192, 3]]);
			return layers.maxPool(late, {size: 3, stride: 2});
		});
		const mixed5 = moduleA(inside, moduleA(inside, moduleA(inside, stem, 'Mixed_5b', 32), 'Mixed_5c', 64), 'Mixed_5d', 64);
		let mixed6 = moduleB(layers, mixed5, 'Mixed_6a');
		for (const [name, width] of [['Mixed_6b', 128], ['Mixed_6c', 160], ['Mixed_6d', 160], ['Mixed_6e', 192]] as const) {
			mixed6 = moduleC(inside, mixed6, name, width);
		}

		const mixed7a = moduleD(layers, mixed6, 'Mixed_7a');
		const mixed7c = moduleE({...layers, averagePool: layers.maxPool}, moduleE(inside, mixed7a, 'Mixed_7b'), 'Mixed_7c');
		return {features: layers.globalAverage(mixed7c), hidden: [mixed5, mixed6, mixed7a, mixed7c]};
	},
};
