import {Type} from '@sinclair/typebox';
import {classifier} from '../artifacts/classifier.ts';
import {generator} from '../artifacts/generator.ts';
import {latentPool, latentSet} from '../artifacts/latents.ts';
import {viewParams} from '../attacks/params.ts';
import {selectInitialLatents} from '../attacks/sampling.ts';
import type {ScoringState} from '../attacks/scoring.ts';
import {perClass, scoringCost} from '../costs/attack.ts';
import {defineStage, type StageContext} from '../engine/stage.ts';
import {buildClassifier} from '../models/classifier.ts';
import {buildGenerator} from '../models/generator.ts';
import {randomStream} from '../tensors/random.ts';
import {tensors} from '../tensors/runtime.ts';

/** Latent pool → per class, the latents whose images the target model is most confident about (attack stage 1, paper Sec. 2). */
export const sampling = defineStage({
	name: 'sampling',
	runtime: tensors,
	seeded: true,
	inputs: {pool: latentPool, generator, target: classifier},
	params: Type.Object({
		perClass: Type.Integer({minimum: 1, maximum: 5000, description: 'Latents kept for each class.'}),
		scoredImage: Type.Optional(Type.Union([Type.Literal('official'), Type.Literal('initial')], {description: 'Which image of a latent is scored where "latentPool.truncation" has a cutoff: "official", whose layers behind it are not truncated, as in the authors\' code, or "initial", the one that optimization starts from. "official" when absent.'})),
		...viewParams,
	}),
	outputs: {initial: latentSet},
	cost: ({pool, ...attacked}, params) => ({...scoringCost(attacked, pool, params, 'sampling.batchSize'), outputs: {initial: perClass(attacked.target, pool, params.perClass)}}),
	async run({pool, generator: prior, target}, params, {seed, onStep, resume, log}: StageContext<ScoringState>) {
		using network = buildClassifier(target);
		using generate = buildGenerator(prior);
		return {initial: await selectInitialLatents(pool, generate, network, params, {stream: randomStream(seed), onStep, resume, log})};
	},
});
