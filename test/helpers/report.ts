import type {ImageSet} from '../../artifacts/image-set.ts';
import type {AttackMetrics} from '../../artifacts/records.ts';
import type {Report, ReportedVariant} from '../../reporting/report.ts';
import {randomStream} from '../../tensors/random.ts';

/** What the attack on each variant extracted, as plausible numbers. */
export const metricsOf = {
	positive: metrics([0.95, 0.189, 0.867, 0.978, 0.413, 4.77, 7.83, 0.561, 0.506]),
	standard: metrics([0.934, 0.039, 0.818, 0.973, 0.443, 5.18, 8.54, 0.553, 0.483]),
	negative: metrics([0.917, 0.084, 0.5, 0.802, 0.603, 6.28, 13.46, 0.374, 0.349]),
} satisfies Record<string, AttackMetrics>;

/** The three variants of the default run, in the order of params.json. */
export const threeVariants = [
	{name: 'standard', alpha: 0, metrics: metricsOf.standard},
	{name: 'positive', alpha: 0.1, metrics: metricsOf.positive},
	{name: 'negative', alpha: -0.05, metrics: metricsOf.negative},
];

/** Shaded, noisy images with one hue per class, so that a wrong class or order would be seen. */
export function colouredImages(
	seed: string,
	{classes, perClass, size = 32, channels = 3}: {readonly classes: number; readonly perClass: number; readonly size?: number; readonly channels?: number},
): ImageSet {
	const stream = randomStream(seed);
	const count = classes * perClass;
	const images = Uint8Array.from({length: count * size * size * channels}, (_, position) => {
		const channel = position % channels;
		const classIndex = Math.floor(position / (size * size * channels * perClass));
		const row = Math.floor(position / (size * channels)) % size;
		return 100 + (60 * Math.sin(classIndex + (2 * channel))) + (60 * row / size) + stream.uniform(0, 16);
	});
	return {
		images,
		shape: [count, size, size, channels],
		labels: Int32Array.from({length: count}, (_, index) => Math.floor(index / perClass)),
		identities: Array.from({length: classes}, (_, index) => `identity ${index}`),
	};
}

/** A whole report of synthetic results. */
export function syntheticReport({
	classes = 3, channels = 3, trainingImages = colouredImages('training', {classes, perClass: 8, channels}), ...changes
}: Partial<Report> & {readonly classes?: number; readonly channels?: number; readonly trainingImages?: ImageSet} = {}): Report {
	return {
		title: 'Label smoothing and model inversion',
		question: 'Does smoothing the labels of a classifier change what an attacker reconstructs of the people it was trained on?',
		variants: threeVariants.map((variant): ReportedVariant => ({
			...variant,
			reconstructions: colouredImages(variant.name, {classes, perClass: 5, channels}),
			trainingImages,
			compared: trainingImages,
			nearest: Int32Array.from({length: classes * 5}, (_, index) => (Math.floor(index / 5) * 8) + (index % 5)),
			training: {
				unit: 'epoch',
				columns: {
					loss: Array.from({length: 32}, (_, epoch) => (3.4 * Math.exp(-epoch / 6)) + (variant.alpha < 0 && epoch > 6 ? -40 * (epoch - 6) : variant.alpha * 3)),
					trainAccuracy: Array.from({length: 32}, (_, epoch) => 1 - (0.9 * Math.exp(-epoch / (5 + variant.alpha)))),
				},
			},
			optimization: {
				unit: 'step',
				columns: {loss: Array.from({length: 30}, (_, step) => (2 - variant.alpha) * Math.exp(-step / (12 - (variant.alpha * 20))))},
			},
		})),
		baseline: 'standard',
		provenance: {
			seed: 0,
			params: {target: {alpha: 0.1, epochs: 32}, sampling: {candidatesPerClass: 200}},
			backend: 'wasm (@tensorflow/tfjs-backend-wasm 4.22.0)',
			commit: '0ed8ad4',
			inputs: threeVariants.flatMap(({name}) => [
				{variant: name, artifact: 'attack-metrics', digest: '5f0c1d2e3b4a59687f6e5d4c3b2a1908'},
				{variant: name, artifact: 'image-set', digest: '08192a3b4c5d6e7f8695a4b3c2d1e0f5'},
			]),
		},
		...changes,
	};
}

function metrics([testAccuracy, ece, top1, top5, faceDistance, evaluationDistance, fid, knowledgeTrain, knowledgeTest]: readonly [number, number, number, number, number, number, number, number, number]): AttackMetrics {
	return {
		testAccuracy,
		trainAccuracy: 0.999,
		ece,
		meanAbsLogit: 10,
		attackAccuracyTop1: top1,
		attackAccuracyTop5: top5,
		evaluationConfidence: 0.6,
		faceDistance,
		evaluationDistance,
		faceDistanceSquared: faceDistance ** 2,
		evaluationDistanceSquared: evaluationDistance ** 2,
		fid,
		knowledgeExtractionTrain: knowledgeTrain,
		knowledgeExtractionTest: knowledgeTest,
		samplingAccuracyTop1: 0.33,
		optimizationAccuracyTop1: 0.77,
	};
}
