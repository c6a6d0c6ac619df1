import {jsonArtifact} from '../engine/artifact.ts';

/** Where imported weights come from. Times are not in it: the same file gives the same record. */
export type WeightsSource = {
	/** Name of the file, without its folder. */
	readonly file: string;
	readonly sizeBytes: number;
	/** SHA-256 of the file's bytes, 64 hex digits; torchvision's files have the first eight in their names. */
	readonly sha256: string;
	/** How the tensors were packed. */
	readonly container: string;
	/** Key of the dict that held them; absent: the file held nothing else. */
	readonly wrapper?: string;
	/** What was taken from the beginning of every name; empty: nothing. */
	readonly strippedPrefix: string;
	/** What the file holds beside the weights of the network. */
	readonly dropped: readonly string[];
	/** Types of the numbers in the file; all but float32 were converted. */
	readonly elementTypes: readonly string[];
	/** The file that this one was made from by `weights import`, as this one says. */
	readonly convertedFrom?: WeightsSource;
};

/** What imported weights are, and what they were measured to do. */
export type WeightsRecord = {
	readonly source: WeightsSource;
	readonly architecture: string;
	/** 0: it has no last layer, and compares images only. */
	readonly numClasses: number;
	/** Numbers in all weights together. */
	readonly numWeights: number;
	/** Top-1 accuracy on the test images, one per scale of the input that the network may have been trained with; empty where there are no test images of its classes. */
	readonly measured: readonly MeasuredAccuracy[];
};

/** Share of the test images that are recognised, 0–1. */
export type MeasuredAccuracy = {
	/** The setting of `Classifier.transformInput`; absent: the architecture has none. */
	readonly transformInput?: boolean;
	readonly testAccuracy: number;
	/** Whether the imported classifier has this setting. */
	readonly isChosen: boolean;
};

export const weightsRecord = jsonArtifact<WeightsRecord>()('weights-record', {
	preview: record => recordLines(record).join('\n'),
	numbers: ({measured}) => Object.fromEntries(measured.filter(({isChosen}) => isChosen).map(({testAccuracy}) => ['testAccuracy', testAccuracy])),
});

/** What a person wants to know of imported weights, a line each. */
export function recordLines({source, architecture, numClasses, numWeights, measured}: WeightsRecord): readonly string[] {
	return [
		`${architecture}, ${numClasses === 0 ? 'no last layer' : `${numClasses} classes`}, ${numWeights} numbers`,
		...sourceLines(source),
		...measured.map(({transformInput, testAccuracy, isChosen}) =>
			`test accuracy ${(100 * testAccuracy).toFixed(2)} %${transformInput === undefined ? '' : ` with the input transform ${transformInput ? 'on' : 'off'}${isChosen ? ' (chosen)' : ''}`}`),
	];
}

/** Where weights come from, a line each. */
export function sourceLines({file, sizeBytes, sha256, container, wrapper, strippedPrefix, dropped, elementTypes, convertedFrom}: WeightsSource): readonly string[] {
	return [
		`from "${file}", ${sizeBytes} bytes, ${container}, ${elementTypes.join(', ')}`,
		`sha256 ${sha256}`,
		...(wrapper === undefined ? [] : [`taken from the key "${wrapper}"`]),
		...(strippedPrefix === '' ? [] : [`prefix "${strippedPrefix}" stripped from every name`]),
		...(dropped.length === 0 ? [] : [`left out: ${dropped.slice(0, 5).join(', ')}${dropped.length > 5 ? ` and ${dropped.length - 5} more` : ''}`]),
		...(convertedFrom ? ['which was converted', ...sourceLines(convertedFrom).map(line => `  ${line}`)] : []),
	];
}
