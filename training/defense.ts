import * as tf from '@tensorflow/tfjs-core';
import {
	centredProducts, gaussianDependence, labelDependence, normalizedHsic, weightedSum, type HsicOptions, type LabelKernel,
} from '../losses/hsic.ts';
import {divergenceFromNormal} from '../losses/information-bottleneck.ts';
import type {ForwardPass} from '../models/trainable-classifier.ts';
import {readsAtOnce} from '../tensors/backend.ts';

/** What a training adds to its loss so that the classifier gives less away (Struppek et al. 2024, Sec. B.5). */
export type Defense = Mid | Bido;

/** Mutual information regularisation: the classifier has a bottleneck, and what it lets through costs λ times its divergence from noise. */
export type Mid = {readonly kind: 'mid'; readonly lambda: number};

/** Bilateral dependency optimization: hidden layers are to depend little on the image and much on the label, λx and λy being the weights. */
export type Bido = HsicOptions & {readonly kind: 'bido'; readonly lambdaX: number; readonly lambdaY: number; readonly labelKernel: LabelKernel};

/** A batch as the classifier reads it. */
type Batch = {readonly images: tf.Tensor4D; readonly labels: Int32Array; readonly numClasses: number};

/** Makes the classifier's forward pass of the batch, and resolves to the numbers of tensors that are computed from it. */
export type LookAhead = (select: (pass: ForwardPass) => readonly tf.Tensor[]) => Promise<readonly Float32Array[]>;

/**
 * What a defence adds to the loss of a batch: a scalar that is differentiable with respect to what the classifier computed.
 *
 * @param lookAhead is used where a backend cannot read numbers while the loss is computed.
 */
export async function defensePenalty(defense: Defense, batch: Batch, lookAhead: LookAhead): Promise<(pass: ForwardPass) => tf.Scalar> {
	return defense.kind === 'mid' ? midPenalty(defense) : bidoPenalty(defense, batch, lookAhead);
}

function midPenalty({lambda}: Mid): (pass: ForwardPass) => tf.Scalar {
	return ({bottleneck}) => {
		if (!bottleneck) {
			throw new Error('Internal error: expected a classifier with a bottleneck but it has none');
		}

		return tf.mul(divergenceFromNormal(bottleneck.mean, bottleneck.deviation), lambda);
	};
}

/** Σ_j λx·H(Z_j, X) − λy·H(Z_j, Y), summed over the hidden layers (Peng et al. 2022); images and labels are constants. */
async function bidoPenalty({lambdaX, lambdaY, ...options}: Bido, {images, labels, numClasses}: Batch, lookAhead: LookAhead): Promise<(pass: ForwardPass) => tf.Scalar> {
	const other = weightedSum(lambdaX, await gaussianDependence(images, options), -lambdaY, labelDependence(labels, numClasses, options));
	const products = readsAtOnce() ? undefined : await lookAhead(({hidden}) => hidden.map(activations => centredProducts(activations)));
	return ({hidden}) => tf.addN(hidden.map((activations, layer) => normalizedHsic(activations, other, options, products?.[layer])));
}
