import type * as tf from '@tensorflow/tfjs-core';
import type {Resumable} from '../engine/stage.ts';
import type {RowStreams} from '../models/bottleneck.ts';
import type {RandomStream} from '../tensors/random.ts';

/** The attacker's image prior as a function; `models/generator.ts` builds one. */
export type ImageGenerator = {
	/** Latents [n, latentSize] to images [n, height, width, channels] in [0, 1]; differentiable. */
	generate(latents: tf.Tensor2D): tf.Tensor4D;
};

/** The attacked classifier in inference mode; `models/classifier.ts` builds one. */
export type TargetModel = {
	/** Normalised images [n, height, width, channels] to logits [n, numClasses]; differentiable. A target model that answers with noise draws it from the streams, one per image. */
	logits(images: tf.Tensor4D, streams?: RowStreams): tf.Tensor2D;
};

/** What an attack stage may use besides values. */
export type AttackContext<State> = Resumable<State> & {
	/** Source of every random number. */
	readonly stream: RandomStream;
};
