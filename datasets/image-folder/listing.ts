import {Buffer} from 'node:buffer';
import path from 'node:path';
import {UserError} from '../../engine/error.ts';
import type {ListedFolder} from '../listed-folder.ts';
import {counted, problemFacts, type Problem} from '../problems.ts';

/** Which files show whom. */
export type Listing = {
	/** By name in code-point order; each identity's paths likewise. */
	readonly identities: ReadonlyArray<{readonly name: string; readonly paths: readonly string[]}>;
	/** Images that were left out, and why. Files that are no images are not listed. */
	readonly ignored: readonly Problem[];
};

const readableFormats = new Set(['.avif', '.gif', '.jpeg', '.jpg', '.pgm', '.png', '.pnm', '.ppm', '.tif', '.tiff', '.webp']);

/** Images that people have but neither of the decoders reads; said rather than passed over. */
const unreadableFormats = new Set(['.bmp', '.heic', '.heif', '.jp2', '.jxl', '.pbm', '.tga']);

const hint = 'Put the images of each identity into a folder of their own: <folder>/<identity>/<image>.';

/**
 * Sorts the files of a folder by identity. A name is the folder's in Unicode form NFC, so the same folder copied from
 * another operating system is the same identity. Hidden files and what archivers add (`__MACOSX`) are passed over.
 * @throws {UserError} when there is no identity, one without images, or an image deeper than its identity's folder.
 */
export function listIdentities({root, files}: ListedFolder): Listing {
	const visible = files.map(file => file.path).filter(name => !isHidden(name)).toSorted(compareCodePoints);
	const ignored: Problem[] = [];
	const problems: Problem[] = [];
	const paths = new Map<string, string[]>();
	for (const name of visible) {
		const folders = name.split('/').slice(0, -1);
		const extension = path.posix.extname(name).toLowerCase();
		const isImage = readableFormats.has(extension);
		const identity = folders[0]?.normalize('NFC');
		if (identity !== undefined && !paths.has(identity)) {
			paths.set(identity, []);
		}

		if (unreadableFormats.has(extension)) {
			ignored.push({subject: name, reason: `${extension} images cannot be read; convert them to PNG`});
		} else if (isImage && identity === undefined) {
			ignored.push({subject: name, reason: 'in no identity folder'});
		} else if (isImage && folders.length > 1) {
			problems.push({subject: name, reason: `an image must lie in its identity's folder, expected ${folders.at(-1)}/${path.posix.basename(name)}`});
		} else if (isImage && identity !== undefined) {
			paths.get(identity)?.push(name);
		}
	}

	const identities = [...paths].map(([name, images]) => ({name, paths: images})).toSorted((a, b) => compareCodePoints(a.name, b.name));
	if (problems.length === 0) {
		problems.push(...identities.filter(identity => identity.paths.length === 0).map(({name}) => ({subject: name, reason: 'has no images'})));
	}

	throwProblems(root, {identities, ignored, problems});
	return {identities, ignored};
}

function throwProblems(root: string, {identities, ignored, problems}: Listing & {readonly problems: readonly Problem[]}): void {
	if (identities.length === 0) {
		throw new UserError('no-identities', `No identity folders in "${root}"`, {hint, facts: problemFacts(ignored)});
	}

	if (problems.length > 0) {
		throw new UserError('invalid-image-folder', `"${root}" is not a folder of one folder per identity: ${counted(problems.length, 'problem')}`, {
			hint,
			facts: problemFacts([...problems, ...ignored]),
		});
	}
}

function isHidden(name: string): boolean {
	return name.split('/').some(segment => segment.startsWith('.') || segment === '__MACOSX');
}

/** By Unicode code point after normalization, which is the order of UTF-8 bytes; `<` compares UTF-16 code units. */
function compareCodePoints(a: string, b: string): number {
	return Buffer.compare(Buffer.from(a.normalize('NFC')), Buffer.from(b.normalize('NFC'))) || Buffer.compare(Buffer.from(a), Buffer.from(b));
}
