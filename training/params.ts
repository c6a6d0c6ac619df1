import {Type, type Static} from '@sinclair/typebox';
import {UserError} from '../engine/error.ts';
import {architectures} from '../models/architectures.ts';

const fraction = (description: string) => Type.Number({minimum: 0, maximum: 1, description});
const shares = (description: string) => Type.Tuple([Type.Number({exclusiveMinimum: 0, maximum: 1}), Type.Number({exclusiveMinimum: 0, maximum: 1})], {description});

/** Random changes of a training image. */
export const augmentationParams = Type.Object({
	cropScale: shares('Smallest and largest share of the image area that a random square crop keeps.'),
	flip: fraction('Probability of mirroring.'),
	brightness: Type.Number({minimum: 0, maximum: 1, description: 'A factor is drawn from 1 − this to 1 + this.'}),
	contrast: Type.Number({minimum: 0, maximum: 1, description: 'As brightness.'}),
	saturation: Type.Number({minimum: 0, maximum: 1, description: 'As brightness.'}),
	hue: Type.Optional(Type.Number({minimum: 0, maximum: 0.5, description: 'Hues are moved by −this to this of their circle. When it is given, the four changes of colours take place in a random order, as by torchvision\'s ColorJitter in the authors\' code; otherwise there are three, in a fixed order.'})),
	crops: Type.Optional(Type.Union([Type.Literal('continuous'), Type.Literal('whole')], {description: '"whole": crops have whole pixels and are cut out before they are resized, as by torchvision in the authors\' code. "continuous" when absent.'})),
	draws: Type.Optional(Type.Union([Type.Literal('image'), Type.Literal('batch')], {description: 'Whether each image has random changes of its own, or all images of a batch share theirs, as when the authors\' code trains on reconstructions. "image" when absent.'})),
});

/** What every classifier training needs. */
export const trainingParams = Type.Object({
	architecture: Type.Unsafe<string>({type: 'string', enum: Object.keys(architectures), description: 'Name of a network in models/architectures.ts.'}),
	alpha: Type.Number({minimum: -10, maximum: 1, description: 'Smoothing factor: 0 hard labels, above 0 positive, below 0 negative label smoothing.'}),
	smoothingRamp: Type.Optional(Type.Union([Type.Literal('official'), Type.Literal('linear'), Type.Literal('constant')], {description: 'Negative smoothing: "official" climbs along a line that would reach alpha at the end and jumps to it at fullFrom; "linear" reaches it there; "constant" has it from the start. "official" when absent.'})),
	holdUntil: fraction('Negative smoothing: share of the epochs before it sets in.'),
	fullFrom: fraction('Negative smoothing: share of the epochs after which it has its full strength.'),
	epochs: Type.Integer({minimum: 1, maximum: 10_000, description: 'Passes over the training images.'}),
	batchSize: Type.Integer({minimum: 1, maximum: 4096, description: 'Images per step.'}),
	lastBatch: Type.Optional(Type.Union([Type.Literal('large'), Type.Literal('kept'), Type.Literal('dropped')], {description: 'What becomes of a last batch that is not full: "large" keeps it when it has more than a quarter of batchSize, "kept" always, as in the authors\' code, "dropped" never, as in the code of the low-resolution attacks. "large" when absent.'})),
	optimizer: Type.Optional(Type.Union([Type.Literal('adam'), Type.Literal('sgd')], {description: '"adam" when absent.'})),
	momentum: Type.Optional(Type.Number({minimum: 0, exclusiveMaximum: 1, description: 'SGD: share of the last step that the next one repeats; 0 when absent.'})),
	weightDecay: Type.Optional(Type.Number({minimum: 0, maximum: 1, description: 'Factor of the L2 penalty on every weight; 0 when absent.'})),
	learningRate: Type.Number({exclusiveMinimum: 0, maximum: 10, description: 'Step size of the optimizer in the first epoch.'}),
	learningRateSchedule: Type.Optional(Type.Union([Type.Literal('multi-step'), Type.Literal('cosine'), Type.Literal('constant')], {description: '"multi-step" falls to a tenth at each of learningRateDrops; "cosine" anneals to learningRateMinimum over all epochs. "multi-step" when absent.'})),
	learningRateDrops: Type.Array(fraction('Share of the epochs.'), {description: '"multi-step": shares of the epochs after which the learning rate falls to a tenth.'}),
	learningRateMinimum: Type.Optional(Type.Number({minimum: 0, maximum: 10, description: '"cosine": what the learning rate anneals to; 0 when absent.'})),
	augmentation: augmentationParams,
});

type TrainingParams = Static<typeof trainingParams>;

/**
 * Says which params of a training have no effect, before anything runs.
 * @param name of the section in the params file
 * @throws {UserError} when a param belongs to an optimizer or a schedule that is not chosen
 */
export function checkTraining(name: string, {optimizer = 'adam', momentum, learningRate, learningRateSchedule = 'multi-step', learningRateMinimum}: Pick<TrainingParams, 'optimizer' | 'momentum' | 'learningRate' | 'learningRateSchedule' | 'learningRateMinimum'>): void {
	if (momentum !== undefined && optimizer !== 'sgd') {
		throw new UserError('param-without-effect', `"${name}.momentum" is for SGD, but "${name}.optimizer" is "${optimizer}"`, {
			hint: `Remove "${name}.momentum", or set "${name}.optimizer" to "sgd".`,
		});
	}

	if (learningRateMinimum !== undefined && learningRateSchedule !== 'cosine') {
		throw new UserError('param-without-effect', `"${name}.learningRateMinimum" is for the cosine schedule, but "${name}.learningRateSchedule" is "${learningRateSchedule}"`, {
			hint: `Remove "${name}.learningRateMinimum", or set "${name}.learningRateSchedule" to "cosine".`,
		});
	}

	if (learningRateMinimum !== undefined && learningRateMinimum > learningRate) {
		throw new UserError('learning-rate-rises', `"${name}.learningRateMinimum" is ${learningRateMinimum}, above "${name}.learningRate", ${learningRate}`, {
			hint: 'Annealing goes down: set the minimum to at most the learning rate.',
		});
	}
}
