import type {ImageSet} from '../artifacts/image-set.ts';
import type {Predictions} from '../artifacts/predictions.ts';
import {classifierInput, imageBatch} from '../models/classifier.ts';
import type {JudgeNetwork} from '../models/judge.ts';
import {predictRows, type PredictionOptions} from './prediction-rows.ts';

/** A model's logits and features of a set of images of the size that it reads, without augmentation. @throws {UserError} as `predictRows` */
export async function predictImages(network: JudgeNetwork, set: ImageSet, options: PredictionOptions): Promise<Predictions> {
	return predictRows(network, {
		labels: set.labels,
		imagesAt: (start, count) => classifierInput(imageBatch(set, Array.from({length: count}, (_, index) => start + index))),
	}, options);
}
