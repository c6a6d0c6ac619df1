import process from 'node:process';
import {Type} from '@sinclair/typebox';
import {speed} from '../artifacts/speed.ts';
import {limitsOf} from '../costs/limits.ts';
import {measureSpeed} from '../costs/measure-speed.ts';
import {defineStage} from '../engine/stage.ts';
import {tensors} from '../tensors/runtime.ts';

/**
 * Nothing → how fast this machine does each kind of work that costs count, for `pipeline estimate`. No node of the experiment: measuring is the one
 * computation that looks at the clock, and nothing that it finds is kept.
 */
export const machineSpeed = defineStage({
	name: 'machine-speed',
	runtime: tensors,
	inputs: {},
	params: Type.Object({}),
	outputs: {speed},
	async run(_, __, {onStep, backend}) {
		const processBytes = process.memoryUsage.rss();
		return {speed: {secondsPer: await measureSpeed({now: () => performance.now(), onStep}), processBytes, ...limitsOf(backend)}};
	},
});
