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
	params: Type.Object({}),
	outputs: {metrics: attackMetrics, nearest: nearestImages, backend: textArtifact('backend-name', 'txt')},
	async run(inputs, _, {onStep, backend}) {
		return {...await measureAttack(inputs, onStep), backend};
	},
});
