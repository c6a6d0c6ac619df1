import {Type} from '@sinclair/typebox';
import {classifier} from '../artifacts/classifier.ts';
import {generator} from '../artifacts/generator.ts';
import {latentSet} from '../artifacts/latents.ts';
import {history} from '../artifacts/records.ts';
import {optimizeLatents, type OptimizationState} from '../attacks/optimization.ts';
import {optimizerParams} from '../attacks/params.ts';
import {optimizationCost} from '../costs/attack.ts';
import {defineStage, type StageContext} from '../engine/stage.ts';
import {buildClassifier} from '../models/classifier.ts';
import {buildGenerator} from '../models/generator.ts';
import {randomStream} from '../tensors/random.ts';
import {tensors} from '../tensors/runtime.ts';

/** Initial latents → latents whose images the target model recognises as the target class (attack stage 2, paper Sec. 2 and B.4). */
export const optimization = defineStage({
	name: 'optimization',
	runtime: tensors,
	seeded: true,
	inputs: {initial: latentSet, generator, target: classifier},
	params: Type.Object({
		loss: Type.Optional(Type.Union([Type.Literal('poincare'), Type.Literal('cross-entropy'), Type.Literal('max-margin')], {description: 'What the attack minimises; "poincare", as in the paper, when absent.'})),
		steps: Type.Integer({minimum: 1, maximum: 100_000, description: 'Optimizer steps.'}),
		...optimizerParams,
		draws: Type.Optional(Type.Union([Type.Literal('image'), Type.Literal('batch')], {description: 'Whether each image has random crops of its own, or all images of a batch share theirs, as in the authors\' code, of whole pixels and with antialiasing, and the mean of their losses is minimised. "image" when absent.'})),
	}),
	outputs: {optimized: latentSet, history},
	cost: ({initial, ...attacked}, params) => ({...optimizationCost(attacked, initial, params), outputs: {optimized: initial}}),
	async run({initial, generator: prior, target}, params, {seed, onStep, resume, log}: StageContext<OptimizationState>) {
		using network = buildClassifier(target);
		using generate = buildGenerator(prior);
		const {optimized, history: curve} = await optimizeLatents(initial, generate, network, params, {stream: randomStream(seed), onStep, resume, log});
		return {optimized, history: curve};
	},
});
