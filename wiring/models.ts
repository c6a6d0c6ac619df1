import type {imageSet} from '../artifacts/image-set.ts';
import type {latentPool as latentPoolType} from '../artifacts/latents.ts';
import type {importedGeneratorParams} from '../attacks/params.ts';
import type {Ref, Wiring} from '../engine/pipeline.ts';
import {importedClassifier} from '../stages/18-imported-classifier.ts';
import {importedWeights} from '../stages/19-imported-weights.ts';
import {fineTuning} from '../stages/21-fine-tuning.ts';
import {generatorTraining} from '../stages/30-generator-training.ts';
import {importedGenerator} from '../stages/32-imported-generator.ts';
import {latentMapping} from '../stages/36-latent-mapping.ts';
import type {trainingParams} from '../training/params.ts';
import type {weightsParams} from '../training/weights-params.ts';

type FromFile = Pick<Wiring<typeof trainingParams.static & typeof weightsParams.static>, 'add' | 'file' | 'params'>;

/** A model made of weights from a file, or trained on from such; nothing where it is trained from the beginning. */
export function fromFile({add, file, params}: FromFile, name: string, {train, test}: Readonly<Record<'train' | 'test', Ref<typeof imageSet>>>) {
	const {weights, initial} = params;
	if (weights !== undefined) {
		return add(importedClassifier, {weights: file(weights), test}, params, {name: `${name}-import`});
	}

	if (initial !== undefined) {
		const {model} = add(importedWeights, {weights: file(initial), images: train}, params, {name: `${name}-initial`});
		return add(fineTuning, {train, initial: model}, params, {name: `${name}-training`});
	}

	return undefined;
}

type PriorParams = {
	readonly generator: typeof generatorTraining.params.static;
	readonly importedGenerator?: typeof importedGeneratorParams.static;
	readonly latentPool: typeof latentMapping.params.static;
};

/** The image prior, and how latents drawn for it become vectors of the space that the attack searches. */
export function imagePrior({add, file, params}: Pick<Wiring<PriorParams>, 'add' | 'file' | 'params'>, images: () => Ref<typeof imageSet>) {
	if (!params.importedGenerator) {
		const {generator} = add(generatorTraining, {images: images()}, params.generator);
		return {generator, toSearched: (pool: Ref<typeof latentPoolType>) => pool};
	}

	const {weights, crop, resize} = params.importedGenerator;
	const {generator} = add(importedGenerator, {weights: file(weights)}, {crop, resize});
	return {generator, toSearched: (pool: Ref<typeof latentPoolType>) => add(latentMapping, {pool, generator}, params.latentPool).pool};
}
