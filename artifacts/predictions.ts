import {artifactType} from '../engine/artifact.ts';
import {float32, int32} from './arrays.ts';
import {decodeSafetensors, encodeSafetensors} from './safetensors.ts';

/** What a model says of images, without the images. */
export type Predictions = {
	/** [count]; class of each image: whom it shows, or whom a reconstruction aims at. */
	readonly labels: Int32Array;
	/** Row-major [count, numClasses]; empty where they were not kept. */
	readonly logits: Float32Array;
	/** Penultimate activations, row-major [count, size]; empty where they were not kept. */
	readonly features: Float32Array;
};

/** What costs depend on. */
export type PredictionsOutline = {
	readonly count: number;
	/** People that the images show. */
	readonly classes: number;
	/** Length of the features of each; 0 where they were not kept. */
	readonly size: number;
};

export const predictions = artifactType<'predictions', Predictions, PredictionsOutline>({
	kind: 'predictions',
	extension: 'safetensors',
	encode: ({labels, logits, features}) => encodeSafetensors({
		arrays: {
			labels: {shape: [labels.length], data: labels},
			logits: {shape: [labels.length, logits.length / labels.length], data: logits},
			features: {shape: [labels.length, features.length / labels.length], data: features},
		},
		metadata: {},
	}),
	decode(bytes) {
		const {labels, logits, features} = decodeSafetensors(bytes).arrays;
		return {labels: int32(labels, 'labels'), logits: float32(logits, 'logits'), features: float32(features, 'features')};
	},
	preview: ({labels, logits, features}) => `${labels.length} images: ${logits.length / labels.length} logits and ${features.length / labels.length} features of each`,
	outline: ({labels, features}) => ({count: labels.length, classes: new Set(labels).size, size: features.length / labels.length}),
});
