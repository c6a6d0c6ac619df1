import * as tf from '@tensorflow/tfjs-core';
import {backendName} from './load.ts';

/** The backend's own kernel, found before it is replaced. */
const own = tf.getKernel(tf.PadV2, backendName);

/** What the backend's own kernel takes; its program does not compile for more. */
const mostDimensions = 4;

/** Pads tensors of any rank: a dimension that is not padded is one with that before it. */
export const pad: tf.KernelConfig = {
	kernelName: tf.PadV2,
	backendName,
	kernelFunc(call) {
		const x = call.inputs.x!;
		const {paddings, constantValue} = call.attrs as unknown as tf.PadV2Attrs;
		if (x.shape.length <= mostDimensions) {
			return own.kernelFunc(call);
		}

		const merged = withoutUnpadded(x.shape, paddings);
		if (merged.length > mostDimensions) {
			throw new Error(`tf.pad on webgpu takes at most ${mostDimensions} padded dimensions, got shape [${x.shape.join(', ')}] and paddings ${JSON.stringify(paddings)}`);
		}

		return tf.tidy(() => {
			const padded = tf.pad(tf.reshape(x as tf.Tensor, merged.map(({length}) => length)), merged.map(({padding}) => padding), constantValue);
			return tf.reshape(padded, x.shape.map((length, dimension) => length + paddings[dimension]![0] + paddings[dimension]![1]));
		});
	},
};

type Padded = {readonly length: number; readonly padding: [before: number, after: number]};

function withoutUnpadded(shape: readonly number[], paddings: ReadonlyArray<readonly [number, number]>): readonly Padded[] {
	const merged: Padded[] = [];
	for (const [dimension, length] of shape.entries()) {
		const [before, after] = paddings[dimension]!;
		const last = merged.at(-1);
		if (last && before === 0 && after === 0) {
			merged[merged.length - 1] = {length: last.length * length, padding: [last.padding[0] * length, last.padding[1] * length]};
		} else {
			merged.push({length, padding: [before, after]});
		}
	}

	return merged;
}
