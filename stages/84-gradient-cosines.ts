import {Type} from '@sinclair/typebox';
import {gradientSimilarity} from '../artifacts/analyses.ts';
import {classifier} from '../artifacts/classifier.ts';
import {generator} from '../artifacts/generator.ts';
import {latentPool} from '../artifacts/latents.ts';
import {measureSimilarity} from '../attacks/gradient-similarity.ts';
import {optimizerParams, similarityParams} from '../attacks/params.ts';
import {similarityCost} from '../costs/attack.ts';
import {textArtifact} from '../engine/artifact.ts';
import {defineStage} from '../engine/stage.ts';
import {buildClassifier} from '../models/classifier.ts';
import {buildGenerator} from '../models/generator.ts';
import {randomStream} from '../tensors/random.ts';
import {tensors} from '../tensors/runtime.ts';

/** Target model, generator, latents → cosine between the image gradients of consecutive steps of the attack (paper Eq. 4). */
export const gradientCosines = defineStage({
	name: 'gradient-cosines',
	runtime: tensors,
	seeded: true,
	inputs: {pool: latentPool, generator, target: classifier},
	params: Type.Composite([similarityParams, Type.Object(optimizerParams)]),
	outputs: {similarity: gradientSimilarity, backend: textArtifact('backend-name', 'txt')},
	cost: ({generator: prior, target}, params) => similarityCost({generator: prior, target}, params),
	async run({pool, generator: prior, target}, params, {seed, onStep, backend}) {
		using targetModel = buildClassifier(target);
		using generate = buildGenerator(prior);
		const similarity = await measureSimilarity(pool, {generator: generate, targetModel}, {...params, batchSize: params.microBatch ?? params.batchSize}, {numClasses: target.numClasses, stream: randomStream(seed), onStep});
		return {similarity, backend};
	},
});
