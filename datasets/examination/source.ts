import {readFileSync} from 'node:fs';
import path from 'node:path';
import type {Static} from '@sinclair/typebox';
import {UserError} from '../../engine/error.ts';
import {checkAligned, celebA64Lists, listCelebA64} from '../celeba-64.ts';
import {identityFile, listCelebA} from '../celeba.ts';
import {decodeLikePillow} from '../decode-like-pillow.ts';
import {listFaceScrub} from '../facescrub.ts';
import {decodeImage} from '../image-folder/decode-image.ts';
import {listIdentities} from '../image-folder/listing.ts';
import type {Picture} from '../image-folder/picture.ts';
import type {ListedFolder} from '../listed-folder.ts';
import type {ImageEntry, ImageList} from '../load-images.ts';
import type {datasetParams} from '../params.ts';
import type {Problem} from '../problems.ts';

export type DatasetParams = Static<typeof datasetParams>;

/** A data set whose images lie in a folder. */
export type PhotographParams = Exclude<DatasetParams, {kind: 'procedural'}>;

/** What a data set uses of its folder, before any image is read. */
export type Source = ImageList & {
	/** For data sets that come with their split: which part each entry belongs to. */
	readonly parts?: readonly Part[];
	/** Files that are lists of images, not images. */
	readonly lists: readonly string[];
	/** Images that the layout leaves out, and why. */
	readonly ignored: readonly Problem[];
	readonly decode: (bytes: Uint8Array) => Promise<Picture>;
	/** @throws when a picture cannot be used although it can be decoded */
	readonly check?: ((picture: Picture) => void) | undefined;
	/** Whether colour profiles, transparency and the orientation in EXIF data are heeded. */
	readonly asPhotographs: boolean;
};

/** What an image is for. */
export type Part = 'train' | 'test' | 'public';

/**
 * Which images of its folder a data set uses, in its order, as a run would.
 * @throws {UserError} when the folder is not laid out so
 */
export function listSource(params: PhotographParams, folder: ListedFolder): Source {
	const published = {decode: decodeLikePillow, asPhotographs: false, ignored: [], lists: []};
	switch (params.kind) {
		case 'folder': {
			const {identities, ignored} = listIdentities(folder);
			const entries = identities.flatMap(({paths}, label) => paths.map(name => ({path: name, label})));
			return {identities: identities.map(({name}) => name), entries, ignored, lists: [], decode: decodeImage, asPhotographs: true};
		}

		case 'facescrub': {
			return {...published, ...listFaceScrub(folder)};
		}

		case 'celeba': {
			return {...published, ...listCelebA(folder, readList(folder, identityFile), params), lists: [identityFile]};
		}

		case 'celeba-64': {
			const {train, test, prior} = listCelebA64(folder, {
				train: readList(folder, celebA64Lists.train),
				test: readList(folder, celebA64Lists.test),
				prior: readList(folder, celebA64Lists.prior),
			});
			// Public people get a label of their own behind those of the private ones.
			const anonymous: readonly ImageEntry[] = prior.entries.map(entry => ({...entry, label: train.identities.length}));
			return {
				...published,
				identities: [...train.identities, ...prior.identities],
				entries: [...train.entries, ...test.entries, ...anonymous],
				parts: [...train.entries.map(() => 'train' as const), ...test.entries.map(() => 'test' as const), ...anonymous.map(() => 'public' as const)],
				lists: Object.values(celebA64Lists),
				check: checkAligned,
			};
		}
	}
}

function readList({root, files}: ListedFolder, name: string): string {
	if (!files.some(file => file.path === name)) {
		throw new UserError('list-missing', `There is no ${name} in "${root}"`, {hint: 'Name the folder that holds it beside the folder of the images.'});
	}

	return readFileSync(path.join(root, name), 'utf8');
}
