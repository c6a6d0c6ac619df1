import {pytorchFormat} from '../weight-format.ts';
import {middleOf, moduleA, moduleB, moduleD, moduleE, stemOf} from './inception-v3.ts';
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
		const stem = stemOf(layers, images);
		const mixed5 = moduleA(inside, moduleA(inside, moduleA(inside, stem, 'Mixed_5b', 32), 'Mixed_5c', 64), 'Mixed_5d', 64);
		const mixed6 = middleOf(inside, moduleB(layers, mixed5, 'Mixed_6a'));
		const mixed7a = moduleD(layers, mixed6, 'Mixed_7a');
		const mixed7c = moduleE({...layers, averagePool: layers.maxPool}, moduleE(inside, mixed7a, 'Mixed_7b'), 'Mixed_7c');
		return {features: layers.globalAverage(mixed7c), hidden: [mixed5, mixed6, mixed7a, mixed7c]};
	},
};
