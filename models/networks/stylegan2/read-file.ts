import {readFile} from 'node:fs/promises';
import {generator, type Generator, type Stylegan2} from '../../../artifacts/generator.ts';
import {UserError} from '../../../engine/error.ts';
import {checkStylegan2} from './weights.ts';

const hint = 'Make it from the published pickle with weights/convert-stylegan2.py, once.';

/** What of the images is looked at. */
export type Stylegan2Request = {
	/** Pixels of the centred square, and pixels that it is resized to. */
	readonly crop: number;
	readonly resize: number;
};

/**
 * Reads a StyleGAN2 that `weights/convert-stylegan2.py` wrote.
 *
 * @param place absolute path of the safetensors file
 * @throws {UserError} when the file holds something else, or its images are smaller than what is cropped.
 */
export async function readStylegan2(place: string, {crop, resize}: Stylegan2Request): Promise<Stylegan2> {
	const model = decode(await readFile(place), place);
	if (model.architecture !== 'stylegan2') {
		throw new UserError('weights-not-stylegan2', `"${place}" is a generator, but no StyleGAN2`, {hint});
	}

	checkStylegan2(model, model.weights);
	const [size] = model.imageShape;
	if (crop > size) {
		throw new UserError('crop-too-large', `"importedGenerator.crop" is ${crop}, but the images of "${place}" have ${size} pixels`, {hint: `Set it to at most ${size}; 800 of 1024 in the paper.`});
	}

	return {...model, view: {crop, size: resize}};
}

function decode(bytes: Uint8Array, place: string): Generator {
	try {
		return generator.decode(bytes);
	} catch (error) {
		throw new UserError('weights-unreadable', `"${place}" does not hold the weights of a generator: ${error instanceof Error ? error.message : String(error)}`, {hint, cause: error});
	}
}
