import {toyPoints} from '../artifacts/toy.ts';
import {defineStage} from '../engine/stage.ts';
import {drawBlobs} from '../toy/blobs.ts';
import {toyDataParams} from '../toy/params.ts';

/** Nothing → the points of the toy example (paper Fig. 1). Their seed is a param, because the paper's points have one. */
export const toyBlobs = defineStage({
	name: 'toy-blobs',
	inputs: {},
	params: toyDataParams,
	outputs: {points: toyPoints},
	run: (_, params) => ({points: drawBlobs(params)}),
});
