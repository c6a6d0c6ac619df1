import {Type} from '@sinclair/typebox';
import {UserError} from '../engine/error.ts';

const place = (description: string) => Type.Tuple([Type.Number(), Type.Number()], {description});
const seed = (description: string) => Type.Integer({minimum: 0, maximum: (2 ** 32) - 1, description});
const learningRate = (description: string) => Type.Number({exclusiveMinimum: 0, maximum: 100, description});

/** The points a toy network learns. */
export const toyDataParams = Type.Object({
	numpySeed: seed('Seed of NumPy\'s legacy generator, which draws the points.'),
	samples: Type.Integer({minimum: 2, maximum: 100_000, description: 'Points of all classes together.'}),
	centres: Type.Array(place('x and y.'), {minItems: 2, maxItems: 100, description: 'Middle of each class.'}),
	deviation: Type.Number({exclusiveMinimum: 0, description: 'Standard deviation of both coordinates.'}),
}, {description: 'Round clouds of points, one per class.'});

/** How a toy network is trained, but for the smoothing factor. */
export const toyTrainingParams = Type.Object({
	pytorchSeed: seed('Seed of PyTorch\'s generator, which draws the initial weights.'),
	widths: Type.Array(Type.Integer({minimum: 1, maximum: 1000}), {minItems: 1, maxItems: 10, description: 'Units of each hidden layer.'}),
	steps: Type.Integer({minimum: 1, maximum: 1_000_000, description: 'Steps of gradient descent, each over all points.'}),
	learningRate: learningRate('Step size.'),
	momentum: Type.Number({minimum: 0, exclusiveMaximum: 1, description: 'Share of the previous update that is kept.'}),
}, {description: 'How the classifiers of points are trained.'});

/** A smoothing factor. */
export const toyAlpha = Type.Number({minimum: -10, maximum: 1, description: 'Smoothing factor, the same in all steps.'});

/** How a toy network is inverted. */
export const toyInversionParams = Type.Object({
	start: place('Where the point starts.'),
	targetClass: Type.Integer({minimum: 0, description: 'Class that the point is to belong to, counted from 0.'}),
	learningRate: learningRate('Step size.'),
	confidence: Type.Number({minimum: 0, exclusiveMaximum: 1, description: 'Probability of the target class above which the attack ends.'}),
	maxSteps: Type.Integer({minimum: 1, maximum: 1_000_000, description: 'Steps after which it gives up.'}),
}, {description: 'How the classifiers of points are attacked.'});

/** How the figure is drawn. */
export const toyFigureParams = Type.Object({
	extent: Type.Number({exclusiveMinimum: 0, description: 'Largest absolute coordinate that is shown.'}),
	resolution: Type.Integer({minimum: 2, maximum: 1000, description: 'Places per side at which the confidence is computed.'}),
	levels: Type.Integer({minimum: 2, maximum: 100, description: 'Steps in which the confidence from 0 to 1 is shown.'}),
}, {description: 'How the figure is drawn.'});

/** The toy example of the paper (Fig. 1): does smoothing leave a trace that an attack can follow to the training points? */
export const toyParams = Type.Object({
	data: toyDataParams,
	alphas: Type.Array(toyAlpha, {minItems: 1, maxItems: 100, uniqueItems: true, description: 'Smoothing factors; one network each.'}),
	training: toyTrainingParams,
	inversion: toyInversionParams,
	figure: toyFigureParams,
}, {description: 'The toy example of the paper, "pipeline run toy".'});

/** Says what only the last stages would find out. @throws {UserError} when a class would have no points, or the target class does not exist. */
export function checkToy({data: {samples, centres}, inversion: {targetClass}}: typeof toyParams.static): void {
	if (samples < centres.length) {
		throw new UserError('too-few-samples', `"toy.data.samples" is ${samples}, too few for the ${centres.length} classes of "toy.data.centres"`, {
			hint: `Set "toy.data.samples" to at least ${centres.length}.`,
		});
	}

	if (targetClass >= centres.length) {
		throw new UserError('unknown-target-class', `"toy.inversion.targetClass" is ${targetClass}, but "toy.data.centres" has the classes 0 to ${centres.length - 1}`, {
			hint: `Set "toy.inversion.targetClass" to at most ${centres.length - 1}.`,
		});
	}
}
