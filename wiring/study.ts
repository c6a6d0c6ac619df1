import type {Comparing} from '../engine/pipeline.ts';
import {resolveDefense, type targetParams} from '../training/defense-params.ts';

type Ablated = {readonly target?: {readonly alpha?: number}};

type StudiedParams = {
	readonly subsample: {readonly perClass: number};
	readonly target: typeof targetParams.static;
	readonly sampling: Ablated & {readonly perClass: number};
	readonly optimization: Ablated;
	readonly selection: Ablated & {readonly keepPerClass: number};
};

/** What a variant changes, and the smoothing factors of the models that its stages look at. */
export function modelsOf({name, patch, params: {subsample: {perClass}, target, sampling, optimization, selection}}: Comparing<StudiedParams>['variants'][number]) {
	const {alpha} = resolveDefense(target);
	return {
		name,
		alpha,
		samples: perClass,
		patch,
		samplingAlpha: sampling.target?.alpha ?? alpha,
		optimizationAlpha: optimization.target?.alpha ?? alpha,
		selectionAlpha: selection.target?.alpha ?? alpha,
		hasSelection: selection.keepPerClass < sampling.perClass,
	};
}
