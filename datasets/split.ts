import type {ImageSet} from '../artifacts/image-set.ts';
import {UserError} from '../engine/error.ts';
import {numpyStream} from '../tensors/numpy-random.ts';
import {randomStream} from '../tensors/random.ts';
import {counted, problemFacts} from './problems.ts';
import {indicesByClass, selectIdentities, selectImages} from './select-images.ts';

/**
 * Splits the people of a set into those the target model is trained on and those the attacker may see. No person is in
 * both. Each split keeps the order of the set and numbers its classes anew from 0; with the same seed, the private people
 * of a smaller split are among those of a larger one.
 * @throws {UserError} when there are too few identities.
 */
export function splitIdentities(
	set: ImageSet,
	{privateIdentities}: {readonly privateIdentities: number},
	seed: string,
): {readonly private: ImageSet; readonly public: ImageSet} {
	const available = set.identities.length;
	if (available <= privateIdentities) {
		throw new UserError('too-few-identities', `The data set has ${counted(available, 'identity', 'identities')}, too few for a private and a public split`, {
			facts: {expected: `${privateIdentities} private and at least 1 public`, got: available},
			hint: 'Set "privateIdentities" lower or add identities to the data set.',
		});
	}

	const shuffled = [...randomStream(seed).permutation(available)];
	return {
		private: selectIdentities(set, ascending(shuffled.slice(0, privateIdentities))),
		public: selectIdentities(set, ascending(shuffled.slice(privateIdentities))),
	};
}

/** How many images of each identity go to one side; the other side gets the rest. */
export type ImageSplit = {readonly testPerIdentity: number} | {readonly trainPerIdentity: number};

/**
 * Splits the images of every identity into training and test images; each identity keeps at least one of both. Every
 * identity is shuffled with a random stream of its own, so adding an identity moves no image of another.
 * @throws {UserError} when identities have too few images, naming them.
 */
export function splitImages(set: ImageSet, split: ImageSplit, seed: string): {readonly train: ImageSet; readonly test: ImageSet} {
	const [param, count] = 'testPerIdentity' in split ? ['testPerIdentity', split.testPerIdentity] as const : ['trainPerIdentity', split.trainPerIdentity] as const;
	const byClass = indicesByClass(set);
	refuseTooFewImages(set.identities, byClass, {param, count});
	const stream = randomStream(seed);
	const chosen = byClass.map((indices, label) => stream.split(set.identities[label]!).shuffle(indices).slice(0, count));
	const isChosen = new Set(chosen.flat());
	const first = selectImages(set, ascending([...isChosen]));
	const rest = selectImages(set, [...set.labels.keys()].filter(index => !isChosen.has(index)));
	return param === 'testPerIdentity' ? {train: rest, test: first} : {train: first, test: rest};
}

/** How the authors' code splits: over all images, whoever they show. */
export type OfficialSplit = {
	/** Seed of NumPy's legacy generator; the authors' code says 42. */
	readonly numpySeed: number;
	/** Share of the images that are for training, above 0 and below 1; the authors' code says 0.9. */
	readonly trainShare: number;
};

/**
 * Splits a set as the authors' code does (Struppek et al. 2024, Plug-and-Play attacks): all images are shuffled with NumPy's legacy generator, the
 * first ⌊trainShare · n⌋ are for training, and both sides keep the shuffled order. The split is not stratified: a person with few images may have none on one side.
 * @throws {UserError} when one side would have no image.
 */
export function splitImagesOfficially(set: ImageSet, {numpySeed, trainShare}: OfficialSplit): {readonly train: ImageSet; readonly test: ImageSet} {
	const count = set.labels.length;
	const trainCount = Math.floor(trainShare * count);
	if (trainCount === 0 || trainCount === count) {
		throw new UserError('too-few-images', `The data set has ${counted(count, 'image')}, too few to split`, {
			facts: {expected: 'at least 1 training and 1 test image', got: `${trainCount} and ${count - trainCount}`},
			hint: 'Set "officialSplit.trainShare" otherwise or add images.',
		});
	}

	const order = [...numpyStream(numpySeed).permutation(count)];
	return {train: selectImages(set, order.slice(0, trainCount)), test: selectImages(set, order.slice(trainCount))};
}

function refuseTooFewImages(
	identities: readonly string[],
	byClass: ReadonlyArray<readonly number[]>,
	{param, count}: {readonly param: string; readonly count: number},
): void {
	const problems = identities
		.map((subject, label) => ({subject, images: byClass[label]!.length}))
		.filter(({images}) => images <= count)
		.map(({subject, images}) => ({subject, reason: `has ${counted(images, 'image')}`}));
	if (problems.length > 0) {
		const other = param === 'testPerIdentity' ? 'training' : 'test';
		throw new UserError('too-few-images', `${counted(problems.length, 'identity has', 'identities have')} too few images to split`, {
			facts: {expected: `at least ${count + 1} each: "${param}" takes ${count}, and 1 must be left as ${other} image`, ...problemFacts(problems)},
			hint: `Set "${param}" lower, add images of these identities or remove their folders.`,
		});
	}
}

function ascending(numbers: readonly number[]): number[] {
	return numbers.toSorted((a, b) => a - b);
}
