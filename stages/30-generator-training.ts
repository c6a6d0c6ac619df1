import {Type} from '@sinclair/typebox';
import {generator} from '../artifacts/generator.ts';
import {imageSet} from '../artifacts/image-set.ts';
import {history} from '../artifacts/records.ts';
import {generatorTrainingCost, trainedGenerator} from '../costs/training.ts';
import {defineStage, type StageContext} from '../engine/stage.ts';
import {randomStream} from '../tensors/random.ts';
import {tensors} from '../tensors/runtime.ts';
import {trainGenerator, type GeneratorState} from '../training/train-generator.ts';

/** Public images → the image prior the attack searches; it never sees a private person (paper Sec. 2). */
export const generatorTraining = defineStage({
	name: 'generator-training',
	runtime: tensors,
	seeded: true,
	inputs: {images: imageSet},
	params: Type.Object({
		components: Type.Integer({minimum: 1, maximum: 4096, description: 'Principal components of the images.'}),
		latentSize: Type.Integer({minimum: 1, maximum: 1024, description: 'Length of a latent vector.'}),
		hidden: Type.Integer({minimum: 1, maximum: 4096, description: 'Units of each hidden layer.'}),
		steps: Type.Integer({minimum: 1, maximum: 1_000_000, description: 'Optimizer steps of the autoencoder.'}),
		batchSize: Type.Integer({minimum: 1, maximum: 4096, description: 'Images per step.'}),
		learningRate: Type.Number({exclusiveMinimum: 0, maximum: 1, description: 'Step size of Adam; falls to 0 over the last 40 % of the steps.'}),
		klWeight: Type.Number({minimum: 0, maximum: 1, description: 'Weight of the divergence from the normal distribution.'}),
		weightExponent: Type.Number({minimum: 0, maximum: 4, description: 'A component of standard deviation s counts s to this power.'}),
		augmentCopies: Type.Integer({minimum: 0, maximum: 1000, description: 'Randomly cropped and mirrored copies of every image, for small public splits.'}),
		mixedCopies: Type.Optional(Type.Integer({minimum: 0, maximum: 1000, description: 'Copies of every image mixed with another one, for a prior between and beyond few people; 0 when absent.'})),
	}),
	outputs: {generator, history},
	cost: ({images}, params) => ({...generatorTrainingCost(images, params), outputs: {generator: trainedGenerator(images, params)}}),
	run: async ({images}, params, {seed, onStep, resume}: StageContext<GeneratorState>) => trainGenerator(images, params, {stream: randomStream(seed), onStep, resume}),
});
