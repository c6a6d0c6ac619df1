import {Type} from '@sinclair/typebox';
import {generator} from '../artifacts/generator.ts';
import {latentPool} from '../artifacts/latents.ts';
import {mapLatents} from '../attacks/mapping.ts';
import {truncationParams} from '../attacks/params.ts';
import {mappingCost, searchedSize} from '../costs/attack.ts';
import {defineStage} from '../engine/stage.ts';
import {buildMapping} from '../models/generator.ts';
import {tensors} from '../tensors/runtime.ts';

/** Latents of a StyleGAN2 → the vectors w that the attack searches, truncated. */
export const latentMapping = defineStage({
	name: 'latent-mapping',
	runtime: tensors,
	inputs: {pool: latentPool, generator},
	params: Type.Object({truncation: truncationParams}),
	outputs: {pool: latentPool},
	cost: ({pool, generator: prior}) => ({...mappingCost(prior, pool), outputs: {pool: {count: pool.count, latentSize: searchedSize(prior)}}}),
	async run({pool, generator: prior}, {truncation}, {onStep}) {
		using network = buildMapping(prior);
		return {pool: await mapLatents(pool, network, {truncation, onStep})};
	},
});
