import {Type} from '@sinclair/typebox';
import {classifier} from '../artifacts/classifier.ts';
import {generator} from '../artifacts/generator.ts';
import {latentSet} from '../artifacts/latents.ts';
import {history} from '../artifacts/records.ts';
import {optimizeLatents, type OptimizationState} from '../attacks/optimization.ts';
import {defineStage, type StageContext} from '../engine/stage.ts';
import {buildClassifier} from '../models/classifier.ts';
import {buildGenerator} from '../models/generator.ts';
import {randomStream} from '../tensors/random.ts';
import {tensors} from '../tensors/runtime.ts';

const decay = (description: string) => Type.Number({minimum: 0, exclusiveMaximum: 1, description});

/** Initial latents → latents whose images the target model recognises as the target class (attack stage 2, paper Sec. 2 and B.4). */
export const optimization = defineStage({
	name: 'optimization',
	runtime: tensors,
	seeded: true,
	inputs: {initial: latentSet, generator, target: classifier},
	params: Type.Object({
		loss: Type.Optional(Type.Union([Type.Literal('poincare'), Type.Literal('cross-entropy'), Type.Literal('max-margin')], {description: 'What the attack minimises; "poincare", as in the paper, when absent.'})),
		steps: Type.Integer({minimum: 1, maximum: 100_000, description: 'Optimizer steps.'}),
		learningRate: Type.Number({exclusiveMinimum: 0, maximum: 10, description: 'Step size of Adam; with small betas nearly the change of each number per step.'}),
		beta1: decay('Adam: decay of the mean gradient.'),
		beta2: decay('Adam: decay of the mean squared gradient.'),
		cropScale: Type.Tuple([Type.Number({exclusiveMinimum: 0, maximum: 1}), Type.Number({exclusiveMinimum: 0, maximum: 1})], {description: 'Smallest and largest share of the image area that the random crop of each step keeps.'}),
		batchSize: Type.Integer({minimum: 1, maximum: 10_000, description: 'Latents at a time; only speed and memory depend on it.'}),
	}),
	outputs: {optimized: latentSet, history},
	async run({initial, generator: prior, target}, params, {seed, onStep, resume}: StageContext<OptimizationState>) {
		using network = buildClassifier(target);
		using generate = buildGenerator(prior);
		const {optimized, history: curve} = await optimizeLatents(initial, generate, network, params, {stream: randomStream(seed), onStep, resume});
		return {optimized, history: curve};
	},
});
