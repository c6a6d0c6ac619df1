import {Type} from '@sinclair/typebox';
import {imageSet} from '../artifacts/image-set.ts';
import {decodingCost, folderImages} from '../costs/data.ts';
import {loadImageFolder, readFolderImage} from '../datasets/image-folder/index.ts';
import {defineStage, files} from '../engine/stage.ts';

/** A folder of photographs, one folder per person → square images of one size. */
export const imageFolder = defineStage({
	name: 'image-folder',
	inputs: {files},
	params: Type.Object({
		size: Type.Integer({minimum: 8, maximum: 512, description: 'Height and width in pixels, after cropping to a square.'}),
		colour: Type.Union([Type.Literal('rgb'), Type.Literal('grey')], {description: 'Three channels or one.'}),
		skipCorrupt: Type.Boolean({description: 'Whether damaged files are listed and left out instead of stopping the run.'}),
	}),
	outputs: {images: imageSet},
	cost({files: folder}, params) {
		const listed = folderImages(folder, params);
		return {...decodingCost(listed), outputs: {images: listed.images}};
	},
	threads: {readImage: readFolderImage},
	async run({files: folder}, params, {onStep, log, scratchFile, threads}) {
		const {images, skipped, ignored} = await loadImageFolder(folder, params, {readImages: threads.readImage, onStep, scratchFile});
		for (const {subject, reason} of skipped) {
			log(`warning: left out "${subject}": ${reason}`);
		}

		for (const {subject, reason} of ignored) {
			log(`ignored "${subject}": ${reason}`);
		}

		return {images};
	},
});
