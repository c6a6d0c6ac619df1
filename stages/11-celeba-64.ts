import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {Type} from '@sinclair/typebox';
import {imageSet} from '../artifacts/image-set.ts';
import {celebA64Images, decodingCost} from '../costs/data.ts';
import {alignedFace, celebA64Lists, listCelebA64} from '../datasets/celeba-64.ts';
import {decodeLikePillow} from '../datasets/decode-like-pillow.ts';
import {loadImages, readImage, type ImageJob, type ImageList} from '../datasets/load-images.ts';
import {photographParams} from '../datasets/params.ts';
import {counted} from '../datasets/problems.ts';
import {UserError} from '../engine/error.ts';
import {defineStage, files} from '../engine/stage.ts';

/** The folder of CelebA with the lists of the low-resolution attacks → faces of private people for training and test, as the lists say, and of public ones without names (paper Sec. C.5). */
export const celebA64 = defineStage({
	name: 'celeba-64',
	inputs: {files},
	params: Type.Object(photographParams),
	outputs: {train: imageSet, test: imageSet, prior: imageSet},
	cost({files: folder}, params) {
		const {train, test, prior} = celebA64Images(folder, params);
		const {identities, shape: [, ...image]} = train.images;
		const count = [train, test, prior].reduce((sum, {images: {shape: [images]}}) => sum + images, 0);
		return {
			...decodingCost({images: {identities, shape: [count, ...image]}, assumptions: [train, test, prior].flatMap(({assumptions}) => assumptions)}),
			outputs: {train: train.images, test: test.images, prior: prior.images},
		};
	},
	threads: {readImage: async (job: ImageJob) => readImage(job, {decode: decodeLikePillow, square: alignedFace})},
	async run({files: folder}, {size, skipCorrupt}, {onStep, log, scratchFile, threads}) {
		const read = async (name: string) => {
			if (!folder.files.some(file => file.path === name)) {
				throw new UserError('invalid-celeba-64', `There is no ${name} in "${folder.root}"`, {hint: `Put ${Object.values(celebA64Lists).join(', ')} beside the folder of the images.`});
			}

			return readFile(path.join(folder.root, name), 'utf8');
		};

		const {replaced, ...lists} = listCelebA64(folder, {train: await read(celebA64Lists.train), test: await read(celebA64Lists.test), prior: await read(celebA64Lists.prior)});
		if (replaced > 0) {
			log(`warning: ${counted(replaced, 'image')} ${replaced === 1 ? 'is' : 'are'} read from .jpg files where the lists name .png files; the pixels differ a little`);
		}

		const load = async (list: ImageList) => {
			const {images, skipped} = await loadImages(list, {root: folder.root, size, channels: 3, skipCorrupt, readImages: threads.readImage, onStep, scratchFile});
			for (const {subject, reason} of skipped) {
				log(`warning: left out "${subject}": ${reason}`);
			}

			return images;
		};

		return {train: await load(lists.train), test: await load(lists.test), prior: await load(lists.prior)};
	},
});
