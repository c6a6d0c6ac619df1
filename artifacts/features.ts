import {artifactType} from '../engine/artifact.ts';
import type {LabelledFeatures} from '../metrics/features.ts';
import {float32, int32} from './arrays.ts';
import {decodeSafetensors, encodeSafetensors} from './safetensors.ts';

/** Features of images with their classes, such as a model's penultimate activations of its training images. */
export const labelledFeatures = artifactType<'labelled-features', LabelledFeatures>({
	kind: 'labelled-features',
	extension: 'safetensors',
	encode: ({values, size, labels}) => encodeSafetensors({
		arrays: {
			features: {shape: [labels.length, size], data: values},
			labels: {shape: [labels.length], data: labels},
		},
		metadata: {},
	}),
	decode(bytes) {
		const {features, labels} = decodeSafetensors(bytes).arrays;
		return {values: float32(features, 'features'), size: features?.shape[1] ?? 0, labels: int32(labels, 'labels')};
	},
	preview: ({labels, size}) => `${labels.length} features of ${size} numbers, ${new Set(labels).size} classes`,
});
