import type {FileSet} from '../../engine/stage.ts';
import {loadImages, readImage, type ImageJob, type ImageResult, type LoadedImages, type LoadOptions} from '../load-images.ts';
import type {Problem} from '../problems.ts';
import {decodeImage} from './decode-image.ts';
import {listIdentities} from './listing.ts';
import {squareImage} from './square-image.ts';

export type ImageFolderParams = {
	/** Height and width of every image in pixels. */
	readonly size: number;
	/** Three channels or one. */
	readonly colour: 'rgb' | 'grey';
	/** Leave damaged images out instead of failing. */
	readonly skipCorrupt: boolean;
};

/** A folder of photographs as a labelled set, and what was left out of it. */
export type ImageFolder = LoadedImages & {
	/** Images that belong to no identity or are of an unsupported format. */
	readonly ignored: readonly Problem[];
};

/** Reads an image of such a folder, as one job of a thread. */
export async function readFolderImage(job: ImageJob): Promise<ImageResult> {
	return readImage(job, {decode: decodeImage, square: squareImage});
}

/**
 * Reads a folder with one folder of images per identity: AVIF, GIF, JPEG, PNG, TIFF, WebP, PGM, PPM. Each image is turned
 * upright, cropped to its largest centred square and resized with antialiasing. Identities and the images of each are in
 * code-point order of their NFC names, whatever order the files are listed in.
 * @throws {UserError} when the folder is not laid out so, a file is unreadable, or an image is damaged; all of a kind together.
 */
export async function loadImageFolder(files: FileSet, {size, colour, skipCorrupt}: ImageFolderParams, context: Pick<LoadOptions, 'onStep' | 'readImages' | 'scratchFile'>): Promise<ImageFolder> {
	const {identities, ignored} = listIdentities(files);
	const entries = identities.flatMap(({paths}, label) => paths.map(name => ({path: name, label})));
	const loaded = await loadImages({identities: identities.map(({name}) => name), entries}, {
		root: files.root, size, channels: colour === 'rgb' ? 3 : 1, skipCorrupt, ...context,
	});
	return {...loaded, ignored};
}
