import type {ImageSet} from '../artifacts/image-set.ts';
import {predictFeatures, type ClassifierNetwork} from '../models/classifier.ts';
import type {LabelledFeatures} from './features.ts';

/** A model's penultimate activations of images, without augmentation, with the classes of the images. @param options - as for `predictFeatures` */
export async function imageFeatures(network: ClassifierNetwork, images: ImageSet, options: Parameters<typeof predictFeatures>[2]): Promise<LabelledFeatures> {
	const values = await predictFeatures(network, images, options);
	return {values, size: values.length / images.labels.length, labels: images.labels};
}
