import {artifactType} from '../engine/artifact.ts';
import {fact, float32} from './arrays.ts';
import {decodeSafetensors, encodeSafetensors} from './safetensors.ts';

/** Learned numbers by name, such as `block1/kernel` or, in PyTorch's way, `layer1.0.bn1.running_var`. */
export type Weights = Readonly<Record<string, {readonly shape: readonly number[]; readonly data: Float32Array}>>;

/** A trained image classifier as plain numbers; `models/` turns it into a network. */
export type Classifier = {
	/** Name of an architecture in `models/`. */
	readonly architecture: string;
	/** 0: it has no last layer, and compares images only. */
	readonly numClasses: number;
	readonly imageShape: readonly [height: number, width: number, channels: number];
	/** How a variational bottleneck before the last layer (MID) behaves after training; absent: there is none. Its weights are among the others. */
	readonly bottleneck?: {
		/** Whether predictions are drawn with its noise, as its training's are; otherwise its mean is passed on. */
		readonly noiseAtEvaluation: boolean;
	};
	/** Whether the network first turns images in [−1, 1] into what ImageNet's mean and deviation make of them, as torchvision's Inception-v3 does where it was made with its published weights; absent: not. */
	readonly transformInput?: boolean;
	readonly weights: Weights;
};

/** What costs depend on. */
export type ClassifierOutline = Pick<Classifier, 'architecture' | 'imageShape'> & {
	/** Absent: only the file of its weights knows. */
	readonly numClasses?: number | undefined;
	readonly hasBottleneck: boolean;
};

export const classifier = artifactType<'classifier', Classifier, ClassifierOutline>({
	kind: 'classifier',
	extension: 'safetensors',
	encode: ({weights, ...metadata}) => encodeSafetensors({arrays: weights, metadata}),
	decode(bytes) {
		const {arrays, metadata} = decodeSafetensors(bytes);
		return {
			architecture: fact(metadata, 'architecture') as string,
			numClasses: fact(metadata, 'numClasses') as number,
			imageShape: fact(metadata, 'imageShape') as Classifier['imageShape'],
			...(Object.hasOwn(metadata, 'bottleneck') ? {bottleneck: metadata.bottleneck as NonNullable<Classifier['bottleneck']>} : {}),
			...(Object.hasOwn(metadata, 'transformInput') ? {transformInput: fact(metadata, 'transformInput') as boolean} : {}),
			weights: decodeWeights(arrays),
		};
	},
	preview: ({architecture, numClasses, weights}) =>
		`${architecture}, ${numClasses} classes, ${Object.values(weights).reduce((sum, {data}) => sum + data.length, 0)} numbers`,
	outline: ({architecture, imageShape, numClasses, bottleneck}) => ({architecture, imageShape, numClasses, hasBottleneck: bottleneck !== undefined}),
});

/** The arrays of a file as weights. @throws {TypeError} when one is not F32. */
export function decodeWeights(arrays: ReturnType<typeof decodeSafetensors>['arrays']): Weights {
	return Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, {shape: array.shape, data: float32(array, name)}]));
}
