import {toyInversion as inversionType, toyNetwork, toyPoints} from '../artifacts/toy.ts';
import {defineStage} from '../engine/stage.ts';
import {toyClassifier} from '../toy/classifier.ts';
import {invertToy} from '../toy/inversion.ts';
import {toyInversionParams} from '../toy/params.ts';

/** A toy network → where a model inversion attack on it ends, and how it came there. */
export const toyInversion = defineStage({
	name: 'toy-inversion',
	inputs: {network: toyNetwork, points: toyPoints},
	params: toyInversionParams,
	outputs: {inversion: inversionType},
	run: async ({network, points}, params, {onStep}) => ({inversion: await invertToy(toyClassifier(network), points, params, onStep)}),
});
