import {Type} from '@sinclair/typebox';
import {reliability} from '../artifacts/analyses.ts';
import {predictions} from '../artifacts/predictions.ts';
import {defineStage} from '../engine/stage.ts';
import {measureReliability} from '../metrics/reliability.ts';

/** What the target model says of the private test images → confidence and accuracy per interval of confidence. */
export const calibration = defineStage({
	name: 'calibration',
	inputs: {targetTest: predictions},
	params: Type.Object({
		bins: Type.Integer({minimum: 1, maximum: 1000, description: 'Equal intervals of confidence on [0, 1); confidences of exactly 1 have one of their own.'}),
	}),
	outputs: {reliability},
	run: ({targetTest: {logits, labels}}, {bins}) => ({reliability: measureReliability(logits, labels, {bins})}),
});
