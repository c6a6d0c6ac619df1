import * as tf from '@tensorflow/tfjs-core';
import {latentBatch} from '../../attacks/latent-batches.ts';
import {stepGradient} from '../../attacks/step-gradient.ts';
import {labelSmoothingLoss} from '../../losses/label-smoothing.ts';
import {buildClassifier} from '../../models/classifier.ts';
import {buildGenerator} from '../../models/generator.ts';
import {initialClassifier} from '../../models/initial-classifier.ts';
import {weightShapes} from '../../models/networks/stylegan2/layout.ts';
import {trainableClassifier} from '../../models/trainable-classifier.ts';
import {adam} from '../../tensors/adam.ts';
import {randomStream} from '../../tensors/random.ts';

/** What is timed. */
export type Step = {readonly run: () => Promise<unknown>; readonly dispose: () => void};

/** Batch of images, their side in pixels, classes, and the classifier. */
type TrainingSizes = {readonly batch: number; readonly side: number; readonly classes: number; readonly architecture: string};

type AttackSizes = TrainingSizes & {readonly resolution: number; readonly channelBase: number; readonly channelMax: number};

/** The sizes of both steps, under the names that `torch_steps.py` takes. The tiny ones only try the program out: a software driver needs many minutes for a step of ResNet-50. */
export function sizesOf(isTiny: boolean): {readonly training: TrainingSizes; readonly attack: AttackSizes} {
	return isTiny
		? {training: {batch: 2, side: 16, classes: 10, architecture: 'target-small'}, attack: {batch: 1, side: 16, classes: 10, architecture: 'target-small', resolution: 16, channelBase: 128, channelMax: 16}}
		: {training: {batch: 32, side: 224, classes: 530, architecture: 'resnet50'}, attack: {batch: 8, side: 224, classes: 530, architecture: 'resnet50', resolution: 256, channelBase: 16_384, channelMax: 512}};
}

/** Forward, backward and Adam for a classifier, with weights that are drawn. */
export function trainingStep({batch, side, classes, architecture}: TrainingSizes): Step {
	const network = trainableClassifier(initialClassifier(architecture, {numClasses: classes, imageShape: [side, side, 3]}, randomStream('training')));
	const optimizer = adam({beta1: 0.9, beta2: 0.999, epsilon: 1e-8});
	const images = tf.tensor4d(randomStream('images').uniforms(batch * side * side * 3, -1, 1), [batch, side, side, 3]);
	const labels = Int32Array.from({length: batch}, (_, index) => index % classes);
	return {
		async run() {
			const {loss, logits, gradients} = await network.step(images, output => labelSmoothingLoss(output, labels, 0));
			optimizer.update(network.variables, gradients, 0.001);
			await loss.data();
			tf.dispose([loss, logits, gradients]);
		},
		dispose() {
			images.dispose();
			optimizer.dispose();
			network.dispose();
		},
	};
}

/** Synthesis by StyleGAN2, a crop, the classifier, the Poincaré loss, and the gradient with respect to w. */
export function attackStep({batch, side, classes, architecture, resolution, channelBase, channelMax}: AttackSizes): Step {
	const sizes = {latentSize: 512, wSize: 512, mappingLayers: 8, imageShape: [resolution, resolution, 3] as [number, number, number], channelBase, channelMax};
	const weights = Object.fromEntries(Object.entries(weightShapes(sizes)).map(([name, shape]) => {
		const size = shape.reduce((product, length) => product * length, 1);
		return [name, {shape, data: name.endsWith('affine.bias') ? new Float32Array(size).fill(1) : randomStream(name).uniforms(size, -1, 1)}];
	}));
	const generator = buildGenerator({architecture: 'stylegan2', ...sizes, view: {crop: resolution, size: side}, weights});
	const targetModel = buildClassifier(initialClassifier(architecture, {numClasses: classes, imageShape: [side, side, 3]}, randomStream('target')));
	const pooled = latentBatch({latents: randomStream('latents').normals(batch * 512), latentSize: 512}, 0, batch);
	const latents = pooled.toTensor();
	const targetClasses = Int32Array.from({length: batch}, (_, index) => index % classes);
	return {
		async run() {
			const {gradient, values} = await stepGradient(latents, {stream: randomStream('step'), batch: pooled, microBatch: batch}, {
				generator, targetModel, options: {cropScale: [0.9, 1], draws: 'batch'}, targetClasses,
			});
			tf.dispose([gradient, values.losses, values.confidences, values.logits]);
		},
		dispose() {
			latents.dispose();
			generator.dispose();
			targetModel.dispose();
		},
	};
}
