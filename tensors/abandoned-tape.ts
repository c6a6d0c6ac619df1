import * as tf from '@tensorflow/tfjs-core';

/**
 * While a gradient is computed, TensorFlow.js keeps what its operations will need on the way back. When one of them throws, all that stays where it is,
 * for good; this frees it. Call it where the error is caught, outside of any gradient.
 */
export function disposeAbandonedTape(): void {
	const {state} = tf.engine();
	if (state.gradientDepth > 0) {
		return;
	}

	for (const {saved = []} of state.activeTape ?? []) {
		tf.dispose(saved);
	}

	state.activeTape = [];
}
