import {Type} from '@sinclair/typebox';
import {classifier} from '../artifacts/classifier.ts';
import {generator} from '../artifacts/generator.ts';
import {latentSet} from '../artifacts/latents.ts';
import {viewParams} from '../attacks/params.ts';
import type {ScoringState} from '../attacks/scoring.ts';
import {selectMostRobust} from '../attacks/selection.ts';
import {perClass, scoringCost} from '../costs/attack.ts';
import {defineStage, type StageContext} from '../engine/stage.ts';
import {buildClassifier} from '../models/classifier.ts';
import {buildGenerator} from '../models/generator.ts';
import {randomStream} from '../tensors/random.ts';
import {tensors} from '../tensors/runtime.ts';

/** Optimized latents → per class, those the target model still recognises under strong random changes (attack stage 3, paper Sec. 2). */
export const selection = defineStage({
	name: 'selection',
	runtime: tensors,
	seeded: true,
	inputs: {optimized: latentSet, generator, target: classifier},
	params: Type.Object({
		keepPerClass: Type.Integer({minimum: 1, maximum: 5000, description: 'Latents kept for each class.'}),
		draws: Type.Optional(Type.Union([Type.Literal('image'), Type.Literal('class')], {description: 'Whether each image has random views of its own, or all images of a class share theirs, as in the authors\' code, of whole pixels and with antialiasing. "image" when absent.'})),
		...viewParams,
	}),
	outputs: {selected: latentSet},
	cost: ({optimized, ...attacked}, params) => ({...scoringCost(attacked, optimized, params, 'selection.batchSize'), outputs: {selected: perClass(attacked.target, optimized, params.keepPerClass)}}),
	async run({optimized, generator: prior, target}, params, {seed, onStep, resume, log}: StageContext<ScoringState>) {
		using network = buildClassifier(target);
		using generate = buildGenerator(prior);
		return {selected: await selectMostRobust(optimized, generate, network, params, {stream: randomStream(seed), onStep, resume, log})};
	},
});
