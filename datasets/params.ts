import {Type} from '@sinclair/typebox';

const size = Type.Integer({minimum: 8, maximum: 512, description: 'Height and width of every image in pixels.'});
export const testPerIdentity = Type.Integer({minimum: 1, maximum: 10_000, description: 'Images of each private person that no model is trained on.'});

const wholeSplit = Type.Object({
	numpySeed: Type.Integer({minimum: 0, maximum: (2 ** 32) - 1, description: 'Seed of NumPy\'s legacy generator; 42 in the authors\' code.'}),
	trainShare: Type.Number({exclusiveMinimum: 0, exclusiveMaximum: 1, description: 'Share of the images that are for training; 0.9 in the authors\' code.'}),
}, {description: 'Splits the private images as the authors\' code does, all of them together and to the same image, in place of "testPerIdentity" of each person.'});

/** In place of `testPerIdentity`. */
export const officialSplit = Type.Optional(wholeSplit);

/** How photographs of a published data set are read. */
export const photographParams = {
	size,
	skipCorrupt: Type.Boolean({description: 'Whether damaged files are listed and left out instead of stopping the run.'}),
};

/** Of CelebA. */
export const keptIdentities = Type.Integer({minimum: 2, maximum: 10_177, description: 'People that are kept, those with most images; 1000 in the paper.'});

const people = (description: string) => Type.Object({
	identities: Type.Integer({minimum: 2, maximum: 100_000, description: 'People.'}),
	imagesPerIdentity: Type.Integer({minimum: 1, maximum: 10_000, description: 'Pictures of each.'}),
}, {description});

const procedural = Type.Object({
	kind: Type.Literal('procedural', {description: 'Drawn faces: nothing to download, nobody is real.'}),
	size,
	private: people('People the target model knows.'),
	prior: people('Public people the image prior is trained on.'),
	embedding: people('Public people the embedding model is trained on.'),
	testPerIdentity,
	officialSplit,
});

const folder = Type.Object({
	kind: Type.Literal('folder', {description: 'Photographs, one folder per person.'}),
	// eslint-disable-next-line no-template-curly-in-string
	path: Type.String({minLength: 1, description: 'The folder; a relative path starts at the folder of pipeline.ts, and "${NAME:-default}" stands for an environment variable.'}),
	size,
	colour: Type.Union([Type.Literal('rgb'), Type.Literal('grey')], {description: 'Three channels or one.'}),
	skipCorrupt: Type.Boolean({description: 'Whether damaged files are listed and left out instead of stopping the run.'}),
	privateIdentities: Type.Integer({minimum: 2, maximum: 100_000, description: 'People the target model knows; all others are public.'}),
	testPerIdentity,
	officialSplit,
});

const distributed = {
	// eslint-disable-next-line no-template-curly-in-string
	path: Type.String({minLength: 1, description: 'The folder of the data set, as it is distributed; a relative path starts at the folder of pipeline.ts, and "${NAME:-default}" stands for an environment variable.'}),
	...photographParams,
};

const published = {...distributed, officialSplit: wholeSplit};

const faceScrub = Type.Object({
	kind: Type.Literal('facescrub', {description: 'FaceScrub: all its people are private, so the image prior and the embedding model come from files.'}),
	...published,
});

const celebA = Type.Object({
	kind: Type.Literal('celeba', {description: 'CelebA: the people with most images, all of them private, so the image prior and the embedding model come from files.'}),
	...published,
	identities: keptIdentities,
});

const celebA64 = Type.Object({
	kind: Type.Literal('celeba-64', {description: 'CelebA for the low-resolution attacks: aligned images with trainset.txt, testset.txt and ganset.txt, which say who is private, what is for training and what is public.'}),
	...distributed,
});

/** Where the images come from: drawn, read from a folder, or of a published data set. */
export const datasetParams = Type.Union([procedural, folder, faceScrub, celebA, celebA64], {discriminator: {propertyName: 'kind'}});
