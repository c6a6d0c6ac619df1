import {Type} from '@sinclair/typebox';
import {generator} from '../artifacts/generator.ts';
import {latentPool as latentPoolType} from '../artifacts/latents.ts';
import {drawLatentPool} from '../attacks/sampling.ts';
import {defineStage} from '../engine/stage.ts';
import {randomStream} from '../tensors/random.ts';

/** Generator → random latents, shared by all target models and classes. */
export const latentPool = defineStage({
	name: 'latent-pool',
	seeded: true,
	inputs: {generator},
	params: Type.Object({
		size: Type.Integer({minimum: 1, maximum: 1_000_000, description: 'Latent vectors in the pool.'}),
	}),
	outputs: {pool: latentPoolType},
	run: ({generator: {latentSize}}, {size}, {seed}) => ({pool: drawLatentPool({size, latentSize}, randomStream(seed))}),
});
