import {Type} from '@sinclair/typebox';
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
});

/** What every classifier training needs. */
export const trainingParams = Type.Object({
	architecture: Type.Unsafe<string>({type: 'string', enum: Object.keys(architectures), description: 'Name of a network in models/architectures.ts.'}),
	alpha: Type.Number({minimum: -10, maximum: 1, description: 'Smoothing factor: 0 hard labels, above 0 positive, below 0 negative label smoothing.'}),
	holdUntil: fraction('Negative smoothing: share of the epochs before it sets in.'),
	fullFrom: fraction('Negative smoothing: share of the epochs after which it has its full strength.'),
	epochs: Type.Integer({minimum: 1, maximum: 10_000, description: 'Passes over the training images.'}),
	batchSize: Type.Integer({minimum: 1, maximum: 4096, description: 'Images per step.'}),
	learningRate: Type.Number({exclusiveMinimum: 0, maximum: 10, description: 'Step size of Adam.'}),
	learningRateDrops: Type.Array(fraction('Share of the epochs.'), {description: 'Shares of the epochs after which the learning rate falls to a tenth.'}),
	augmentation: augmentationParams,
});
