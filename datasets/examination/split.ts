import type {ImageSet} from '../../artifacts/image-set.ts';
import type {ImageList} from '../load-images.ts';
import {splitIdentities, splitImages, splitImagesOfficially} from '../split.ts';
import type {DatasetParams, Part} from './source.ts';

/** One image in the order in which models see it. */
export type Member = {
	readonly part: Part;
	/** Index into the entries of the list. */
	readonly entry: number;
	/** Class of a private person, or place among the public ones. */
	readonly label: number;
	readonly identity: string;
};

/** The seed of the run for the stage that was added under a name. */
export type SeedOf = (stage: string) => string;

/**
 * Who is private, and which images are for training, by the code that a run uses: it splits a set whose images are their own numbers.
 * @throws {UserError} when there are too few people or images
 */
export function splitEntries(list: ImageList, params: DatasetParams, seedOf: SeedOf): readonly Member[] {
	const all = numbered(list);
	if (params.kind === 'celeba-64') {
		throw new TypeError('Internal error: the lists of celeba-64 are its split');
	}

	const people = params.kind === 'folder' ? splitIdentities(all, params, seedOf('identity-split')) : {private: all, public: undefined};
	const {train, test} = params.officialSplit
		? splitImagesOfficially(people.private, params.officialSplit)
		: splitImages(people.private, {testPerIdentity: 'testPerIdentity' in params ? params.testPerIdentity : 0}, seedOf('image-split'));
	return [...membersOf(train, 'train'), ...membersOf(test, 'test'), ...(people.public ? membersOf(people.public, 'public') : [])];
}

/** What the pixels of a set would need to say which image is which: one number. */
function numbered({identities, entries}: ImageList): ImageSet {
	return {
		images: new Uint8Array(Uint32Array.from(entries.keys()).buffer),
		shape: [entries.length, 1, Uint32Array.BYTES_PER_ELEMENT, 1],
		labels: Int32Array.from(entries, ({label}) => label),
		identities,
	};
}

function membersOf({images, labels, identities}: ImageSet, part: Part): readonly Member[] {
	const numbers = new Uint32Array(images.subarray(0, images.length).slice().buffer);
	return Array.from(numbers, (entry, place) => ({part, entry, label: labels[place]!, identity: identities[labels[place]!]!}));
}
