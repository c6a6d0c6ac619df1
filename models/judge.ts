import * as tf from '@tensorflow/tfjs-core';
import type {Classifier} from '../artifacts/classifier.ts';
import {UserError} from '../engine/error.ts';
import {buildClassifier, unitLength, type ClassifierNetwork} from './classifier.ts';
import {findFeatureArchitecture, outlineFeatures} from './feature-architectures.ts';
import {inferenceLayers} from './inference-layers.ts';
import type {PoolOptions} from './networks/layers.ts';
import {asImages, asVectors, type TensorLayers} from './tensor-layers.ts';

/** A model that computes, for whoever compares images or asks whom they show. What it returns belongs to the caller. */
export type JudgeNetwork = Disposable & Pick<ClassifierNetwork, 'logits' | 'features'> & Partial<Pick<ClassifierNetwork, 'both'>>;

/**
 * Turns weights into a network: a classifier, or one of no classes, which only has features.
 *
 * @throws {UserError} when there is no architecture of its name, or the images are too small for it; and when logits are asked of one that has none
 */
export function buildJudge(model: Classifier): JudgeNetwork {
	return model.numClasses === 0 ? buildFeatureNetwork(model) : buildClassifier(model);
}

function buildFeatureNetwork({architecture: name, imageShape, weights, transformInput}: Classifier): JudgeNetwork {
	const {trunk, format, isEmbedding} = findFeatureArchitecture(name);
	const {layers, dispose} = inferenceLayers(outlineFeatures(name, {imageShape}), weights, format);
	const featureLayers = {...layers, averageInside: (x: tf.Tensor, options: PoolOptions) => averageInside(layers, x, options)};
	return {
		logits() {
			throw new UserError('model-without-classes', `"${name}" has no last layer here, so it says nothing of whom an image shows`, {hint: 'Ask another model, or use its features.'});
		},
		features: images => tf.tidy(() => {
			const features = asVectors(trunk<tf.Tensor>(featureLayers, images, {transformInput}).features);
			return isEmbedding ? unitLength(features) : features;
		}),
		[Symbol.dispose]: dispose,
	};
}

/** The average with zeros around the image, divided by the share of each window that is inside: no backend has to know of padding. */
function averageInside({averagePool}: TensorLayers, x: tf.Tensor, options: PoolOptions): tf.Tensor {
	const [, height, width] = asImages(x).shape;
	return tf.div(averagePool(x, options), averagePool(tf.ones([1, height, width, 1]), options));
}
