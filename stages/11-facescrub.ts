import {Type} from '@sinclair/typebox';
import {imageSet} from '../artifacts/image-set.ts';
import {decodingCost, faceScrubImages} from '../costs/data.ts';
import {listFaceScrub} from '../datasets/facescrub.ts';
import {decodeLikePillow} from '../datasets/decode-like-pillow.ts';
import {loadImages, readImage, type ImageJob} from '../datasets/load-images.ts';
import {pillowSquare} from '../datasets/pillow-square.ts';
import {photographParams} from '../datasets/params.ts';
import {defineStage, files} from '../engine/stage.ts';

/** The folder of FaceScrub → squares of all its people, in the order of the authors' code (paper Sec. B.1). */
export const faceScrub = defineStage({
	name: 'facescrub',
	inputs: {files},
	params: Type.Object(photographParams),
	outputs: {images: imageSet},
	cost({files: folder}, params) {
		const listed = faceScrubImages(folder, params);
		return {...decodingCost(listed), outputs: {images: listed.images}};
	},
	threads: {readImage: async (job: ImageJob) => readImage(job, {decode: decodeLikePillow, square: pillowSquare})},
	async run({files: folder}, {size, skipCorrupt}, {onStep, log, scratchFile, threads}) {
		const {ignored, ...list} = listFaceScrub(folder);
		const {images, skipped} = await loadImages(list, {root: folder.root, size, channels: 3, skipCorrupt, readImages: threads.readImage, onStep, scratchFile});
		for (const {subject, reason} of [...skipped, ...ignored]) {
			log(`warning: left out "${subject}": ${reason}`);
		}

		return {images};
	},
});
