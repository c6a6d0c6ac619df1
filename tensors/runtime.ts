import * as tf from '@tensorflow/tfjs-core';
import type {Runtime} from '../engine/stage.ts';
import {backendPackages, nativeCommands, useBackend, type BackendName} from './backend.ts';

const backendNames = ['tensorflow-gpu', 'webgpu', 'tensorflow', 'wasm', 'cpu'] as const satisfies readonly BackendName[];

/** Those that fill a device, and go to it alone. */
const deviceBackends: ReadonlySet<BackendName> = new Set(['tensorflow-gpu', 'webgpu']);

/** TensorFlow.js as the runtime of stages: the best backend that is installed and works, WebAssembly where nothing else does. */
export const tensors: Runtime = {
	name: 'tensors',
	backends: backendNames.map(name => ({
		name,
		package: backendPackages[name],
		...(name in nativeCommands && {optional: true, install: nativeCommands[name as keyof typeof nativeCommands]}),
		exclusive: deviceBackends.has(name),
		...(name === 'webgpu' && {dependsOnDevice: true}),
	})),
	async use(backend) {
		const name = backendNames.find(known => known === backend);
		if (name === undefined) {
			throw new TypeError(`Expected one of the backends ${backendNames.join(', ')}, got "${backend}"`);
		}

		return useBackend(name);
	},
	liveValues: () => tf.memory().numTensors,
};
