import type {RandomStream} from '../tensors/random.ts';

/** How much colours change: each factor is drawn from 1 − this to 1 + this, 0 to 1. */
export type ColourJitter = {
	readonly brightness: number;
	/** Distance from the mean luma of the image. */
	readonly contrast: number;
	/** Distance from the luma of the pixel; without effect on grey images. */
	readonly saturation: number;
};

/** Weights of red, green and blue in luma (ITU-R BT.601). */
const lumaWeights = [0.299, 0.587, 0.114] as const;

/** Changes the colours of one image in place and clamps them to [0, 1]. The draws are made even where a factor has no effect. */
export function colourJitter(image: Float32Array, channels: number, {brightness, contrast, saturation}: ColourJitter, stream: RandomStream): void {
	const [gain, spread, colour] = [brightness, contrast, saturation].map(range => stream.uniform(1 - range, 1 + range)) as [number, number, number];
	let total = 0;
	for (let start = 0; start < image.length; start += channels) {
		total += luma(image, start, channels);
	}

	const mean = gain * total * channels / image.length;
	for (let start = 0; start < image.length; start += channels) {
		// Luma is linear, so the pixel's luma after brightness and contrast follows from the one before.
		const grey = mean + (spread * ((gain * luma(image, start, channels)) - mean));
		for (let channel = 0; channel < channels; channel++) {
			const value = mean + (spread * ((gain * image[start + channel]!) - mean));
			image[start + channel] = Math.min(1, Math.max(0, channels === 3 ? grey + (colour * (value - grey)) : value));
		}
	}
}

function luma(image: Float32Array, start: number, channels: number): number {
	if (channels !== 3) {
		return image[start]!;
	}

	return (lumaWeights[0] * image[start]!) + (lumaWeights[1] * image[start + 1]!) + (lumaWeights[2] * image[start + 2]!);
}
