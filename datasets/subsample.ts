import type {ImageSet} from '../artifacts/image-set.ts';
import {UserError} from '../engine/error.ts';
import {randomStream} from '../tensors/random.ts';
import {counted, problemFacts} from './problems.ts';
import {indicesByClass, selectImages} from './select-images.ts';

export type SubsampleParams = {
	/** Training images kept of each class. */
	readonly perClass: number;
	/** What to do with classes that have fewer: keep all they have, or fail. */
	readonly onShort?: 'accept' | 'error';
};

export type Subsample = {
	readonly subset: ImageSet;
	/** Names of the identities that had fewer than `perClass` images. */
	readonly shortClasses: readonly string[];
};

/**
 * Keeps the first min(perClass, available) images of each class after a seeded shuffle of the class, in the order of the
 * set (Struppek et al. 2024, appendix C.3: a fixed number of samples for each class). With the same seed, a smaller
 * subset is contained in every larger one, so that a sweep over `perClass` compares amounts and not samples.
 * @throws {UserError} when `onShort` is `error` and classes have too few images, naming them.
 */
export function subsamplePerClass(train: ImageSet, {perClass, onShort = 'accept'}: SubsampleParams, seed: string): Subsample {
	const byClass = indicesByClass(train);
	const short = train.identities
		.map((subject, label) => ({subject, images: byClass[label]!.length}))
		.filter(({images}) => images < perClass);
	if (short.length > 0 && onShort === 'error') {
		throw new UserError('too-few-images', `${counted(short.length, 'class has', 'classes have')} fewer than ${perClass} training images`, {
			facts: problemFacts(short.map(({subject, images}) => ({subject, reason: `has ${counted(images, 'image')}`}))),
			hint: `Set "perClass" to at most ${Math.min(...short.map(({images}) => images))}, or "onShort" to "accept" to train with what there is.`,
		});
	}

	const stream = randomStream(seed);
	const kept = byClass.flatMap((indices, label) => stream.split(train.identities[label]!).shuffle(indices).slice(0, perClass));
	return {
		subset: selectImages(train, kept.toSorted((a, b) => a - b)),
		shortClasses: short.map(({subject}) => subject),
	};
}
