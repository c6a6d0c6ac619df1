import {UserError} from '../engine/error.ts';
import type {Picture} from './image-folder/picture.ts';
import type {ListedFolder} from './listed-folder.ts';
import type {ImageList} from './load-images.ts';
import {pillowSquare} from './pillow-square.ts';
import {counted, firstNames, problemFacts, type Problem} from './problems.ts';

/** The lists of the low-resolution attacks, in the folder of the data set: whom the target model learns, is tested with, and images of other people. */
export const celebA64Lists = {train: 'trainset.txt', test: 'testset.txt', prior: 'ganset.txt'} as const;

/** Where the images of the lists may lie, the first one that there is. */
const imageFolders = ['img_align_celeba_png', 'img_align_celeba'] as const;

/** Size of the aligned images of CelebA, and the square that is cut out of their middle. */
const aligned = {width: 178, height: 218, side: 108} as const;

/** The images of each list, in its order. */
export type CelebA64 = {
	readonly train: ImageList;
	readonly test: ImageList;
	/** All under one name, because nobody says who they are. */
	readonly prior: ImageList;
	/** How many images are JPEG files in place of the PNG files that the lists name. */
	readonly replaced: number;
};

type Line = {readonly image: string; readonly label: number};

/**
 * CelebA as the low-resolution attacks list it (Knowledge-Enriched DMI, Defend_MI; paper Sec. C.5): `trainset.txt` and `testset.txt` with a file and a class per line,
 * `ganset.txt` with a file. The split is theirs. A `.jpg` stands for a `.png` that is missing.
 * @param texts what the lists say
 * @throws {UserError} when a line is not of that form, a class has no training image, an image is on the lists twice, or is not there
 */
export function listCelebA64(folder: ListedFolder, texts: Readonly<Record<keyof typeof celebA64Lists, string>>): CelebA64 {
	const lists = {
		train: parseLines(texts.train, {file: `${folder.root}/${celebA64Lists.train}`, hasClass: true}),
		test: parseLines(texts.test, {file: `${folder.root}/${celebA64Lists.test}`, hasClass: true}),
		prior: parseLines(texts.prior, {file: `${folder.root}/${celebA64Lists.prior}`, hasClass: false}),
	};
	const classes = checkClasses(folder.root, lists);
	refuseRepeated(lists);
	const located = locate(folder, Object.values(lists).flat());
	const entriesOf = (lines: readonly Line[]) => lines.map(({image, label}) => ({path: located.get(image)!, label}));
	const identities = Array.from({length: classes}, (_, label) => String(label));
	return {
		train: {identities, entries: entriesOf(lists.train)},
		test: {identities, entries: entriesOf(lists.test)},
		prior: {identities: ['public'], entries: entriesOf(lists.prior)},
		replaced: [...located].filter(([image, path]) => !path.endsWith(image)).length,
	};
}

/** @throws {RangeError} for a picture that has not the size of the aligned images */
export function checkAligned({width, height}: Pick<Picture, 'width' | 'height'>): void {
	if (width !== aligned.width || height !== aligned.height) {
		throw new RangeError(`${width}×${height} pixels, expected the ${aligned.width}×${aligned.height} of the aligned images of CelebA`);
	}
}

/**
 * The face of an aligned image of CelebA: rows 55 to 162 and columns 35 to 142, resized as Pillow does.
 * @throws {RangeError} for a picture of another size
 */
export function alignedFace(picture: Picture, options: {readonly size: number; readonly channels: 1 | 3}): Uint8Array {
	checkAligned(picture);
	const {width, height, channels: given, data} = picture;
	const {side} = aligned;
	const [left, top] = [(width - side) / 2, (height - side) / 2];
	const face = new Uint8Array(side * side * given);
	for (let row = 0; row < side; row++) {
		const start = (((top + row) * width) + left) * given;
		face.set(data.subarray(start, start + (side * given)), row * side * given);
	}

	return pillowSquare({width: side, height: side, channels: given, data: face}, options);
}

function parseLines(text: string, {file, hasClass}: {readonly file: string; readonly hasClass: boolean}): readonly Line[] {
	const form = hasClass ? /^([^\s/\\]+)\s+(\d{1,9})$/ : /^([^\s/\\]+)$/;
	const lines = text.split('\n').map(line => line.trim()).filter(line => line !== '').map((line, index) => {
		const [, image, label = '0'] = form.exec(line) ?? [];
		if (image === undefined) {
			throw new UserError('invalid-celeba-64', `Line ${index + 1} of "${file}" is "${line.slice(0, 60)}", expected ${hasClass ? 'an image and its class, such as "000001.png 12"' : 'an image alone, such as "000001.png"'}`);
		}

		return {image, label: Number(label)};
	});
	if (lines.length === 0) {
		throw new UserError('invalid-celeba-64', `"${file}" names no image`);
	}

	return lines;
}

/** @returns how many classes there are */
function checkClasses(root: string, {train, test}: Readonly<Record<'train' | 'test', readonly Line[]>>): number {
	const trained = new Set(train.map(({label}) => label));
	const classes = Math.max(...trained) + 1;
	const gaps = classes > 100_000 ? [] : Array.from({length: classes}, (_, label) => label).filter(label => !trained.has(label));
	if (gaps.length > 0 || classes > trained.size) {
		throw new UserError('celeba-64-classes', `The classes of "${root}/${celebA64Lists.train}" have gaps: ${trained.size} classes, the largest of them ${classes - 1}`, {
			facts: {expected: `every class from 0 to ${classes - 1}`, ...(gaps.length > 0 && {missing: firstNames(gaps.map(String))})},
			hint: 'Take the list as it was published, or number the classes anew.',
		});
	}

	const unknown = [...new Set(test.map(({label}) => label).filter(label => !trained.has(label)))].toSorted((a, b) => a - b);
	if (unknown.length > 0) {
		throw new UserError('celeba-64-classes', `${counted(unknown.length, 'class', 'classes')} of "${root}/${celebA64Lists.test}" ${unknown.length === 1 ? 'is' : 'are'} not in ${celebA64Lists.train}: ${firstNames(unknown.map(String))}`, {
			hint: 'Both lists must be of the same publication.',
		});
	}

	return classes;
}

/** An image that is trained on and tested with, or private and public, would falsify what is measured. */
function refuseRepeated(lists: Readonly<Record<keyof typeof celebA64Lists, readonly Line[]>>): void {
	const places = new Map<string, string[]>();
	for (const [list, lines] of Object.entries(lists)) {
		for (const {image} of lines) {
			places.set(image, [...places.get(image) ?? [], celebA64Lists[list as keyof typeof lists]]);
		}
	}

	const repeated = [...places].filter(([, files]) => files.length > 1).map(([subject, files]) => ({subject, reason: `is in ${files.join(' and in ')}`}));
	if (repeated.length > 0) {
		throw new UserError('celeba-64-repeated', `${counted(repeated.length, 'image')} ${repeated.length === 1 ? 'is' : 'are'} on the lists more than once`, {
			facts: problemFacts(repeated),
			hint: 'Training, test and public images must be different ones: take the lists as they were published.',
		});
	}
}

/** The paths of the images that the lists name. */
function locate({root, files}: ListedFolder, lines: readonly Line[]): ReadonlyMap<string, string> {
	const known = new Set(files.map(({path}) => path));
	const folder = imageFolders.find(name => files.some(({path}) => path.startsWith(`${name}/`)));
	if (folder === undefined) {
		throw new UserError('invalid-celeba-64', `"${root}" holds no aligned images of CelebA`, {
			hint: `Put the aligned images into ${imageFolders.map(name => `"${name}"`).join(' or ')} beside the lists.`,
		});
	}

	const missing: Problem[] = [];
	const located = new Map<string, string>();
	for (const {image} of lines) {
		const path = [`${folder}/${image}`, `${folder}/${image.replace(/\.png$/, '.jpg')}`].find(name => known.has(name));
		if (path === undefined) {
			missing.push({subject: image, reason: `is on the lists but not in ${folder}`});
		} else {
			located.set(image, path);
		}
	}

	if (missing.length > 0) {
		throw new UserError('missing-images', `${counted(missing.length, 'image')} of the lists ${missing.length === 1 ? 'is' : 'are'} missing in "${root}/${folder}"`, {
			facts: problemFacts(missing),
			hint: 'Without them the models would learn something else. Unpack all aligned images of CelebA.',
		});
	}

	return located;
}
