import * as tf from '@tensorflow/tfjs-core';
import type {Resumable} from '../engine/stage.ts';
import type {RowStreams} from '../models/bottleneck.ts';
import type {UpperLatents} from '../models/generator.ts';
import type {ImageRange} from '../models/image-range.ts';
import type {RandomStream} from '../tensors/random.ts';

/** The attacker's image prior as a function; `models/generator.ts` builds one. */
export type ImageGenerator = {
	/** Latents [n, latentSize] to images [n, height, width, channels]; differentiable. */
	generate(latents: tf.Tensor2D, upper?: UpperLatents): tf.Tensor4D;
	/** Of the images; `unit` when absent. */
	readonly range?: ImageRange;
	/** The part of images that the attack looks at, [n, size, size, channels]; differentiable. Absent: all of them as they are. */
	readonly view?: (images: tf.Tensor4D) => tf.Tensor4D;
};

/** The attacked classifier in inference mode; `models/classifier.ts` builds one. */
export type TargetModel = {
	/** Normalised images [n, height, width, channels] to logits [n, numClasses]; differentiable. A target model that answers with noise draws it from the streams, one per image. */
	logits(images: tf.Tensor4D, streams?: RowStreams): tf.Tensor2D;
};

/** How images are shown. */
export type Showing = {
	readonly upper?: UpperLatents | undefined;
	/** Whether numbers outside the range become the nearest ones inside, before anything else happens to the image. */
	readonly isClamped?: boolean | undefined;
};

/** What the attack looks at of the images of latents; differentiable. The caller owns it. */
export function shownImages({generate, view, range}: ImageGenerator, latents: tf.Tensor2D, {upper, isClamped = false}: Showing = {}): tf.Tensor4D {
	return tf.tidy(() => {
		const images = generate(latents, upper);
		// Images of the other range never leave it.
		const clamped = isClamped && range === 'signed' ? tf.clipByValue(images, -1, 1) : images;
		return view ? view(clamped) : clamped;
	});
}

/** What an attack stage may use besides values. */
export type AttackContext<State> = Resumable<State> & {
	/** Source of every random number. */
	readonly stream: RandomStream;
	/** Hears what should be known of how the result came about, such as that memory was short. */
	readonly log?: (message: string) => void;
};
