import {Type, type Static} from '@sinclair/typebox';
import {trainingParams} from './params.ts';
import {weightsParams} from './weights-params.ts';

const weight = (description: string) => Type.Number({minimum: 0, maximum: 1000, description});
const positive = (description: string) => Type.Number({exclusiveMinimum: 0, maximum: 1000, description});

const lambda = weight('What the bottleneck pays for information, λ: weight of the divergence of its noise from a standard normal distribution.');
const width = Type.Optional(Type.Integer({minimum: 1, maximum: 65_536, description: 'Numbers that the bottleneck lets through; absent: as many as the architecture says, which is half of its features or fewer.'}));
const noiseAtEvaluation = Type.Boolean({description: 'Whether the trained model answers with the noise of its bottleneck, as in the published code, or with the mean; true when absent.'});
const lambdaX = weight('Weight of the dependence of the hidden layers on the image, which is reduced.');
const lambdaY = weight('Weight of the dependence of the hidden layers on the label, which is raised.');
const labelKernel = Type.Union([Type.Literal('linear'), Type.Literal('gaussian')], {description: 'How alike labels are; "linear" when absent.'});
const sigma = positive('Width of the Gaussian kernels; 5 when absent.');
const epsilon = Type.Number({exclusiveMinimum: 0, maximum: 1, description: 'Regularises the inverse of the kernels, times the batch size; 0.00001 when absent.'});

const midKind = Type.Literal('mid', {description: 'Mutual information regularisation: a noisy bottleneck before the last layer.'});
const bidoKind = Type.Literal('bido', {description: 'Bilateral dependency optimization (HSIC): hidden layers that depend little on the image and much on the label.'});

/** What the training of a target model does against the attack besides label smoothing, all choices made. */
export const trainedDefenseParams = Type.Union([
	Type.Object({kind: midKind, lambda, width, noiseAtEvaluation}),
	Type.Object({kind: bidoKind, lambdaX, lambdaY, labelKernel, sigma, epsilon}),
], {discriminator: {propertyName: 'kind'}});

/** The training of a target model, with its defence. */
export const targetTrainingParams = Type.Composite([trainingParams, Type.Object({defense: Type.Optional(trainedDefenseParams)})]);

/** What a user may choose as defence. */
const defenseParams = Type.Union([
	Type.Object({kind: Type.Literal('none', {description: 'The smoothing factor alone, as when there is no such param.'})}),
	Type.Object({
		kind: Type.Literal('label-smoothing', {description: 'A smoothing factor in place of "alpha", so that a sweep over defences can compare with it.'}),
		alpha: Type.Number({minimum: -10, maximum: 1, description: 'The smoothing factor; below 0 it works as a defence.'}),
	}),
	Type.Object({kind: midKind, lambda, width, noiseAtEvaluation: Type.Optional(noiseAtEvaluation)}),
	Type.Object({kind: bidoKind, lambdaX, lambdaY, labelKernel: Type.Optional(labelKernel), sigma: Type.Optional(sigma), epsilon: Type.Optional(epsilon)}),
], {
	discriminator: {propertyName: 'kind'},
	description: 'Defence of the target model (paper Sec. B.5). It adds to the loss with smoothed labels, so "alpha" holds beside MID and BiDO; the paper uses them with 0.',
});

/** The target model as a user describes it. */
export const targetParams = Type.Composite([trainingParams, Type.Object({defense: Type.Optional(defenseParams)}), weightsParams]);

/**
 * The choices that a user left open, made. Models that are trained alike get equal params, however they are described, so that they are trained once:
 * no defence and `none`, label smoothing as a defence and as `alpha`.
 */
export function resolveDefense({defense, ...training}: Static<typeof targetParams>): Static<typeof targetTrainingParams> & Static<typeof weightsParams> {
	switch (defense?.kind) {
		case undefined:
		case 'none': {
			return training;
		}

		case 'label-smoothing': {
			return {...training, alpha: defense.alpha};
		}

		case 'mid': {
			return {...training, defense: {noiseAtEvaluation: true, ...defense}};
		}

		case 'bido': {
			return {...training, defense: {labelKernel: 'linear', sigma: 5, epsilon: 1e-5, ...defense}};
		}
	}
}
