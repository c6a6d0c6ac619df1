import type {RandomStream} from '../tensors/random.ts';

/** Weights of red, green and blue in torchvision's grey. */
const greyWeights = [0.2989, 0.587, 0.114] as const;

/** How much colours change. */
export type TorchvisionJitter = {
	/** The factors of brightness, contrast and saturation are drawn from 1 − this to 1 + this, 0 to 1. */
	readonly brightness: number;
	readonly contrast: number;
	readonly saturation: number;
	/** Hues are moved by −this to this of their circle, 0 to 0.5. */
	readonly hue: number;
};

type Change = (image: Float32Array, channels: number, factor: number) => void;

/**
 * Changes the colours of one image in place as torchvision's `ColorJitter` does: brightness, contrast, saturation and hue in a random order, the values clamped to
 * [0, 1] after each. Grey images have neither saturation nor hue.
 * @param image in [0, 1], row-major [height, width, channels]
 */
export function torchvisionJitter(image: Float32Array, channels: number, {brightness, contrast, saturation, hue}: TorchvisionJitter, stream: RandomStream): void {
	const order = stream.permutation(changes.length);
	const factors = [...[brightness, contrast, saturation].map(range => stream.uniform(1 - range, 1 + range)), stream.uniform(-hue, hue)];
	for (const which of order) {
		changes[which]!(image, channels, factors[which]!);
	}
}

const changes: readonly Change[] = [
	(image, channels, factor) => {
		blend(image, channels, {factor, other: () => 0});
	},
	(image, channels, factor) => {
		let sum = 0;
		for (let start = 0; start < image.length; start += channels) {
			sum += grey(image, start, channels);
		}

		const mean = sum * channels / image.length;
		blend(image, channels, {factor, other: () => mean});
	},
	(image, channels, factor) => {
		if (channels === 3) {
			blend(image, channels, {factor, other: start => grey(image, start, channels)});
		}
	},
	turnHues,
];

/** Mixes each pixel with a value of its own. */
function blend(image: Float32Array, channels: number, {factor, other}: {readonly factor: number; readonly other: (start: number) => number}): void {
	for (let start = 0; start < image.length; start += channels) {
		const value = other(start);
		for (let place = start; place < start + channels; place++) {
			image[place] = Math.min(1, Math.max(0, (factor * image[place]!) + ((1 - factor) * value)));
		}
	}
}

function grey(image: Float32Array, start: number, channels: number): number {
	return channels === 3
		? (greyWeights[0] * image[start]!) + (greyWeights[1] * image[start + 1]!) + (greyWeights[2] * image[start + 2]!)
		: image[start]!;
}

function turnHues(image: Float32Array, channels: number, turn: number): void {
	if (channels !== 3) {
		return;
	}

	for (let start = 0; start < image.length; start += 3) {
		const [red, green, blue] = [image[start]!, image[start + 1]!, image[start + 2]!];
		const value = Math.max(red, green, blue);
		const range = value - Math.min(red, green, blue);
		if (range === 0) {
			// What has no colour has none in any hue.
			continue;
		}

		const turned = hueOf([red, green, blue], {value, range}) + turn;
		const sixths = 6 * (turned - Math.floor(turned));
		const at = (shift: number) => {
			const distance = (shift + sixths) % 6;
			return value - (range * Math.max(0, Math.min(distance, 4 - distance, 1)));
		};

		image[start] = at(5);
		image[start + 1] = at(3);
		image[start + 2] = at(1);
	}
}

/** The hue of a colour on its circle, 0 to 1: red at 0, green at a third. */
function hueOf([red, green, blue]: readonly [red: number, green: number, blue: number], {value, range}: {readonly value: number; readonly range: number}): number {
	if (value === red) {
		return (green - blue) / range / 6;
	}

	return value === green ? (2 + ((blue - red) / range)) / 6 : (4 + ((red - green) / range)) / 6;
}
