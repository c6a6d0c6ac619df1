import {Type} from '@sinclair/typebox';
import {generator} from '../artifacts/generator.ts';
import {latentPool as latentPoolType} from '../artifacts/latents.ts';
import {drawLatentPool} from '../attacks/sampling.ts';
import {defineStage} from '../engine/stage.ts';
import {numpyStream} from '../tensors/numpy-random.ts';
import {randomStream} from '../tensors/random.ts';

/** Generator → random latents, shared by all target models and classes. */
export const latentPool = defineStage({
	name: 'latent-pool',
	seeded: true,
	inputs: {generator},
	params: Type.Object({
		size: Type.Integer({minimum: 1, maximum: 1_000_000, description: 'Latent vectors in the pool.'}),
		numpySeed: Type.Optional(Type.Integer({minimum: 0, maximum: (2 ** 32) - 1, description: 'Draws the latents of the authors\' code, which seeds NumPy\'s legacy generator with 42; absent: the latents follow from the seed of the run.'})),
	}),
	outputs: {pool: latentPoolType},
	cost: ({generator: {sizes: {latentSize}}}, {size}) => ({flops: 0, work: {loops: 10 * size * latentSize}, memory: {data: 8 * size * latentSize}, outputs: {pool: {count: size, latentSize}}}),
	run: ({generator: {latentSize}}, {size, numpySeed}, {seed}) => ({pool: drawLatentPool({size, latentSize}, numpySeed === undefined ? randomStream(seed) : numpyStream(numpySeed))}),
});
