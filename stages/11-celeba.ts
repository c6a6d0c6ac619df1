import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {Type} from '@sinclair/typebox';
import {imageSet} from '../artifacts/image-set.ts';
import {celebAImages, decodingCost} from '../costs/data.ts';
import {identityFile, listCelebA} from '../datasets/celeba.ts';
import {decodeLikePillow} from '../datasets/decode-like-pillow.ts';
import {loadImages, readImage, type ImageJob} from '../datasets/load-images.ts';
import {pillowSquare} from '../datasets/pillow-square.ts';
import {keptIdentities, photographParams} from '../datasets/params.ts';
import {UserError} from '../engine/error.ts';
import {defineStage, files} from '../engine/stage.ts';

/** The folder of CelebA → squares of the people with most images, in the order of the authors' code (paper Sec. B.1). */
export const celebA = defineStage({
	name: 'celeba',
	inputs: {files},
	params: Type.Object({
		...photographParams,
		identities: keptIdentities,
	}),
	outputs: {images: imageSet},
	cost({files: folder}, params) {
		const listed = celebAImages(folder, params);
		return {...decodingCost(listed), outputs: {images: listed.images}};
	},
	threads: {readImage: async (job: ImageJob) => readImage(job, {decode: decodeLikePillow, square: pillowSquare})},
	async run({files: folder}, {size, skipCorrupt, identities}, {onStep, log, scratchFile, threads}) {
		if (!folder.files.some(file => file.path === identityFile)) {
			throw new UserError('invalid-celeba', `There is no ${identityFile} in "${folder.root}"`, {hint: `Name the folder that holds ${identityFile} and img_align_celeba.`});
		}

		const list = listCelebA(folder, await readFile(path.join(folder.root, identityFile), 'utf8'), {identities});
		const {images, skipped} = await loadImages(list, {root: folder.root, size, channels: 3, skipCorrupt, readImages: threads.readImage, onStep, scratchFile});
		for (const {subject, reason} of skipped) {
			log(`warning: left out "${subject}": ${reason}`);
		}

		return {images};
	},
});
