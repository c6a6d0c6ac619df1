import {Type} from '@sinclair/typebox';

/** The size of the images that a model reads, where it is not that of the data set. */
export const imageSizeParam = Type.Optional(Type.Integer({minimum: 8, maximum: 512, description: 'Height and width in pixels of the images this model reads, real ones and reconstructions; those of the data set when absent.'}));

const fidInput = Type.Optional(Type.Union([Type.Literal('standard'), Type.Literal('official')], {description: 'FID: "standard" shows the feature network images in [−1, 1], as it was trained on; "official" in [−3, 1], normalised twice as in the authors\' code. "standard" when absent.'}));

/** What is kept of a model's answers, and what it is shown. */
export const predictionParams = Type.Object({
	keep: Type.Array(Type.Union([Type.Literal('logits'), Type.Literal('features')]), {minItems: 1, uniqueItems: true, description: 'Which of its answers are kept.'}),
	input: fidInput,
});

/** Height and width in pixels of the images that the network of the FID was trained with. */
export const fidImageSize = 299;

/** Which private images the reconstructions are measured against: those of δ, FID, precision, recall, density and coverage, and of ξ on training images. */
export const comparedImagesParam = Type.Object({
	trainingImages: Type.Optional(Type.Union([Type.Literal('all'), Type.Literal('subset')], {description: 'The private images that distances, FID and the surrogate\'s training accuracy refer to where the target model is trained on some per class only: "all" training images of its classes, as the authors\' evaluation does, or the "subset" that it was trained on. "all" when absent.'})),
});

/** The network whose features FID, precision, recall, density and coverage compare. */
export const fidParams = Type.Object({
	fidInput,
	fid: Type.Optional(Type.Object({
		// eslint-disable-next-line no-template-curly-in-string
		weights: Type.String({minLength: 1, description: 'File of the weights of the Inception network of the FID, such as pt_inception-2015-12-05-6726825d.pth; a relative path starts at the folder of pipeline.ts, and "${NAME:-default}" stands for an environment variable.'}),
		imageSize: Type.Optional(Type.Integer({minimum: 75, maximum: 512, description: 'Height and width in pixels of the images it reads; 299, as it was trained with, when absent.'})),
	}, {description: 'The published network for FID, precision, recall, density and coverage; the features of the evaluation model when absent.'})),
});
