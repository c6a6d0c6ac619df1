import * as tf from '@tensorflow/tfjs-core';
import {wasmBackend} from './heap.ts';

/** Another handle on the same numbers. The backend's own kernel copies them, and every input that a gradient needs later is cloned. */
export const identity: tf.KernelConfig = {
	kernelName: tf.Identity,
	backendName: 'wasm',
	kernelFunc({inputs}) {
		const {dataId, shape, dtype} = inputs.x!;
		wasmBackend().incRef(dataId);
		return {dataId, shape, dtype};
	},
};
