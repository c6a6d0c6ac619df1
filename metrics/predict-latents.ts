import type {Classifier} from '../artifacts/classifier.ts';
import type {Generator} from '../artifacts/generator.ts';
import type {LatentSet} from '../artifacts/latents.ts';
import type {Predictions} from '../artifacts/predictions.ts';
import {latentBatch} from '../attacks/latent-batches.ts';
import {shownImages, type ImageGenerator} from '../attacks/networks.ts';
import {classifierInputOf} from '../models/image-range.ts';
import type {JudgeNetwork} from '../models/judge.ts';
import {predictRows, type PredictionOptions} from './prediction-rows.ts';

/**
 * A generator whose images are shown as a model reads them: the centred square that the attack looks at, resized once, from the image itself to the size of the
 * model (Plug-and-Play attacks, `utils/stylegan.py`).
 */
export function shownTo({imageShape: [side]}: Pick<Classifier, 'imageShape'>, {view, ...whole}: Generator): Generator {
	const [height, width] = whole.imageShape;
	const crop = view?.crop ?? Math.min(height, width);
	return crop === side && height === side && width === side ? whole : {...whole, view: {crop, size: side}};
}

/**
 * A model's logits and features of the images of latents, as the generator of `shownTo` makes them: neither clamped nor rounded.
 *
 * @throws {UserError} as `predictRows`
 */
export async function predictLatents(network: JudgeNetwork, set: LatentSet, generator: ImageGenerator, options: PredictionOptions): Promise<Predictions> {
	return predictRows(network, {
		labels: set.targetClasses,
		imagesAt: (start, count) => classifierInputOf(shownImages(generator, latentBatch(set, start, count).toTensor()), generator.range),
	}, options);
}
