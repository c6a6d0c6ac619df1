import {Type} from '@sinclair/typebox';
import {classifier} from '../artifacts/classifier.ts';
import {imageSet} from '../artifacts/image-set.ts';
import {attackMetrics, nearestImages} from '../artifacts/records.ts';
import {textArtifact} from '../engine/artifact.ts';
import {defineStage} from '../engine/stage.ts';
import {measureAttack} from '../metrics/measure-attack.ts';
import {tensors} from '../tensors/runtime.ts';

/** Reconstructions, models and real images → every number of one row of the result table (paper Sec. 4.1 and B.4). */
export const metrics = defineStage({
	name: 'metrics',
	runtime: tensors,
	inputs: {
		images: imageSet,
		candidates: imageSet,
		initialImages: imageSet,
		train: imageSet,
		test: imageSet,
		target: classifier,
		evaluation: classifier,
		embedding: classifier,
		surrogate: classifier,
	},
	params: Type.Object({
		fidInput: Type.Optional(Type.Union([Type.Literal('standard'), Type.Literal('official')], {description: 'FID: "standard" shows the feature network images in [−1, 1], as it was trained on; "official" in [−3, 1], normalised twice as in the authors\' code. "standard" when absent.'})),
		neighbours: Type.Optional(Type.Integer({minimum: 1, maximum: 1000, description: 'Nearest neighbours of precision, recall, density and coverage; every class needs more images than this. 3 when absent, and then these metrics are left out where a class has fewer.'})),
		prdcDefinition: Type.Optional(Type.Union([Type.Literal('standard'), Type.Literal('official')], {description: 'Precision, recall and density: "standard" as published, "official" as in the authors\' code, which looks at the nearest ball alone and divides the density by the number of real images. "standard" when absent.'})),
	}),
	outputs: {metrics: attackMetrics, nearest: nearestImages, backend: textArtifact('backend-name', 'txt')},
	async run(inputs, params, {onStep, backend, log}) {
		const {metrics: numbers, nearest, notes} = await measureAttack(inputs, onStep, params);
		for (const note of notes) {
			log(note);
		}

		return {metrics: numbers, nearest, backend};
	},
});
