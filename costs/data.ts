import type {ImageSetOutline} from '../artifacts/image-set.ts';
import {celebA64Lists, listCelebA64} from '../datasets/celeba-64.ts';
import {identityFile, listCelebA} from '../datasets/celeba.ts';
import {listFaceScrub} from '../datasets/facescrub.ts';
import {listIdentities} from '../datasets/image-folder/listing.ts';
import type {Cost, FolderOutline} from '../engine/stage.ts';
import {imagesBytes, numbersOf} from './models.ts';

/** A set of images, and what was taken for granted about it. */
type Listed = {readonly images: ImageSetOutline; readonly assumptions: readonly string[]};

/** What the paper's authors had, as far as it is known; the lists of the low-resolution attacks have so many lines. */
const published = {
	facescrub: {images: 37_878, identities: 530},
	celeba: {images: 30_038, identities: 1000},
	celebA64: {train: {images: 27_018, identities: 1000}, test: {images: 3009, identities: 1000}, prior: {images: 30_000, identities: 1}},
};

/** Photographs of a folder whose place is not known yet. */
const usualFolder = {images: 400, identities: 40};

/** Faces that are drawn. */
export function drawnImages({identities, imagesPerIdentity, size}: {readonly identities: number; readonly imagesPerIdentity: number; readonly size: number}): ImageSetOutline {
	return {shape: [identities * imagesPerIdentity, size, size, 3], identities};
}

export function drawingCost(images: ImageSetOutline): Cost {
	return {flops: 0, work: {drawing: totalNumbers(images)}, memory: {data: 2 * totalNumbers(images)}};
}

export function faceScrubImages(folder: FolderOutline, {size}: {readonly size: number}): Listed {
	if (!folder) {
		return assumed('FaceScrub', published.facescrub, size);
	}

	const {entries, identities} = listFaceScrub(folder);
	return {images: {shape: [entries.length, size, size, 3], identities: identities.length}, assumptions: []};
}

export function celebAImages(folder: FolderOutline, {size, identities}: {readonly size: number; readonly identities: number}): Listed {
	if (!folder?.files.some(({path}) => path === identityFile)) {
		const share = identities / published.celeba.identities;
		return assumed('CelebA', {images: Math.round(share * published.celeba.images), identities}, size);
	}

	const {entries} = listCelebA(folder, folder.read(identityFile), {identities});
	return {images: {shape: [entries.length, size, size, 3], identities}, assumptions: []};
}

/** The images of each list, one set per list. */
export function celebA64Images(folder: FolderOutline, {size}: {readonly size: number}): Readonly<Record<keyof typeof celebA64Lists, Listed>> {
	const names = Object.keys(celebA64Lists) as Array<keyof typeof celebA64Lists>;
	const perList = <Value>(valueOf: (name: keyof typeof celebA64Lists) => Value) => Object.fromEntries(names.map(name => [name, valueOf(name)])) as Record<keyof typeof celebA64Lists, Value>;
	if (!folder || Object.values(celebA64Lists).some(list => !folder.files.some(({path}) => path === list))) {
		return perList(name => assumed(`the list ${celebA64Lists[name]} of CelebA`, published.celebA64[name], size));
	}

	const lists = listCelebA64(folder, perList(name => folder.read(celebA64Lists[name])));
	return perList(name => ({images: {shape: [lists[name].entries.length, size, size, 3], identities: lists[name].identities.length}, assumptions: []}));
}

export function folderImages(folder: FolderOutline, {size, colour}: {readonly size: number; readonly colour: 'rgb' | 'grey'}): Listed {
	const channels = colour === 'grey' ? 1 : 3;
	if (!folder) {
		const {images: {shape: [count, ...rest], identities}, assumptions} = assumed('the photographs', usualFolder, size);
		return {images: {shape: [count, rest[0], rest[1], channels], identities}, assumptions};
	}

	const {identities} = listIdentities(folder);
	return {images: {shape: [identities.reduce((sum, {paths}) => sum + paths.length, 0), size, size, channels], identities: identities.length}, assumptions: []};
}

function assumed(name: string, {images, identities}: {readonly images: number; readonly identities: number}, size: number): Listed {
	return {
		images: {shape: [images, size, size, 3], identities},
		assumptions: [`the folder of ${name} is not there: ${images.toLocaleString('en')} images of ${identities.toLocaleString('en')} people are taken for granted${name === 'the photographs' ? '' : ', as the paper has them'}`],
	};
}

/** Photographs that are decoded and resized. */
export function decodingCost({images, assumptions}: Listed): Cost {
	return {flops: 0, work: {decoding: totalNumbers(images)}, memory: {data: imagesBytes(images)}, assumptions};
}

/** Some images of a set, copied. */
export function copyingCost(images: ImageSetOutline): Cost {
	return {flops: 0, work: {elements: totalNumbers(images) / 2}, memory: {data: 3 * imagesBytes(images)}};
}

/** The people of a set, split: those of the first part and the others. */
export function splitPeople({shape: [count, ...image], identities}: ImageSetOutline, privateIdentities: number): Readonly<Record<'private' | 'public', ImageSetOutline>> {
	const part = (people: number): ImageSetOutline => ({shape: [Math.round(count * people / identities), ...image], identities: people});
	return {private: part(privateIdentities), public: part(identities - privateIdentities)};
}

/** The images of a set, split for training and for tests. */
export function splitForTests({shape: [count, ...image], identities}: ImageSetOutline, {officialSplit, testPerIdentity = 0}: {readonly officialSplit?: {readonly trainShare: number} | undefined; readonly testPerIdentity?: number | undefined}): Readonly<Record<'train' | 'test', ImageSetOutline>> {
	const train = officialSplit ? Math.floor(officialSplit.trainShare * count) : count - (testPerIdentity * identities);
	const part = (images: number): ImageSetOutline => ({shape: [images, ...image], identities});
	return {train: part(train), test: part(count - train)};
}

/** At most some images of each person. */
export function atMostPerClass({shape: [count, ...image], identities}: ImageSetOutline, perClass: number): ImageSetOutline {
	return {shape: [Math.min(count, perClass * identities), ...image], identities};
}

function totalNumbers({shape: [count, ...image]}: ImageSetOutline): number {
	return count * numbersOf(image);
}
