import * as tf from '@tensorflow/tfjs-core';

/** The logarithms of the softmax, for logits of any size: with 10⁴, as negative smoothing makes them, log(softmax(x)) would be −∞. Without a gradient of its own. */
export function logSoftmax(logits: tf.Tensor2D): tf.Tensor2D {
	const shifted = tf.sub(logits, tf.max(logits, 1, true));
	return tf.sub(shifted, tf.log(tf.sum(tf.exp(shifted), 1, true)));
}
