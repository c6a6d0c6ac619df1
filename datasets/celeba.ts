import {UserError} from '../engine/error.ts';
import type {ListedFolder} from './listed-folder.ts';
import type {ImageList} from './load-images.ts';
import {counted, problemFacts, type Problem} from './problems.ts';

/** The list of who is on which image, in the folder of the data set. */
export const identityFile = 'identity_CelebA.txt';

const imageFolder = 'img_align_celeba';

/** Whose image a line of the list names. */
type Line = {readonly image: string; readonly identity: string};

/**
 * CelebA as the authors' code lists it (Plug-and-Play attacks, `datasets/celeba.py`): the identities with most images, of equally many the one that appears first; their class is their
 * rank, and the images keep the order of the list. A `.png` stands for a `.jpg` that is missing.
 * @param text what `identity_CelebA.txt` says: an image and its identity per line
 * @throws {UserError} when the list is not one, has fewer identities, or images of it are missing
 */
export function listCelebA({root, files}: ListedFolder, text: string, {identities: wanted}: {readonly identities: number}): ImageList {
	const lines = parseLines(text, `${root}/${identityFile}`);
	const counts = new Map<string, number>();
	for (const {identity} of lines) {
		counts.set(identity, (counts.get(identity) ?? 0) + 1);
	}

	if (counts.size < wanted) {
		throw new UserError('too-few-identities', `"${root}/${identityFile}" names ${counted(counts.size, 'identity', 'identities')}, fewer than wanted`, {
			facts: {expected: `at least ${wanted}`, got: counts.size},
			hint: 'Set "identities" lower, or get the whole list.',
		});
	}

	// Sorting is stable, and a map keeps the order of first appearance.
	const kept = [...counts].toSorted(([, a], [, b]) => b - a).slice(0, wanted).map(([identity]) => identity);
	const labels = new Map(kept.map((identity, label) => [identity, label]));
	const known = new Set(files.map(({path}) => path));
	const missing: Problem[] = [];
	const entries = lines.flatMap(({image, identity}) => {
		const label = labels.get(identity);
		if (label === undefined) {
			return [];
		}

		const path = [`${imageFolder}/${image}`, `${imageFolder}/${image.replace(/\.jpg$/, '.png')}`].find(name => known.has(name));
		if (path === undefined) {
			missing.push({subject: image, reason: `is on the list but not in ${imageFolder}`});
			return [];
		}

		return [{path, label}];
	});
	if (missing.length > 0) {
		throw new UserError('missing-images', `${counted(missing.length, 'image')} of ${counted(wanted, 'identity', 'identities')} of CelebA ${missing.length === 1 ? 'is' : 'are'} missing in "${root}/${imageFolder}"`, {
			facts: problemFacts(missing),
			hint: 'Without them the split would be another one. Make the crops again for all images of the list.',
		});
	}

	return {identities: kept, entries};
}

function parseLines(text: string, file: string): readonly Line[] {
	return text.split('\n').map(line => line.trim()).filter(line => line !== '').map((line, index) => {
		const [, image, identity] = /^([^\s/\\]+)\s+(\d+)$/.exec(line) ?? [];
		if (image === undefined || identity === undefined) {
			throw new UserError('invalid-celeba', `Line ${index + 1} of "${file}" is "${line.slice(0, 60)}", expected an image and the number of its identity, such as "000001.jpg 2880"`);
		}

		return {image, identity};
	});
}
