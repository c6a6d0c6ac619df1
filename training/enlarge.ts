import type {ImageSet} from '../artifacts/image-set.ts';
import type {RandomStream} from '../tensors/random.ts';

/** How far a copy may be moved, as a share of the image size, and how much its brightness may change. */
const limits = {shift: 0.06, zoom: 0.08, gain: 0.15};

/**
 * The images in [0, 1], each followed by randomly moved, zoomed, mirrored and brightened copies; for public splits that are too small
 * to show a prior what faces may look like.
 * @returns row-major [count · (1 + copies), height, width, channels]
 */
export function enlarged({images, shape: [count, height, width, channels]}: ImageSet, copies: number, stream: RandomStream): Float32Array {
	const size = height * width * channels;
	const result = new Float32Array(count * (1 + copies) * size);
	for (let index = 0; index < count; index++) {
		const image = images.subarray(index * size, (index + 1) * size);
		const start = index * (1 + copies) * size;
		for (let offset = 0; offset < size; offset++) {
			result[start + offset] = image[offset]! / 255;
		}

		const imageStream = stream.split(`image ${index}`);
		for (let copy = 1; copy <= copies; copy++) {
			moved(result.subarray(start + (copy * size), start + ((copy + 1) * size)), image, {height, width, channels, stream: imageStream});
		}
	}

	return result;
}

type Move = {readonly height: number; readonly width: number; readonly channels: number; readonly stream: RandomStream};

/** Bilinear interpolation of a randomly moved image; outside, its edge continues. */
function moved(target: Float32Array, image: Uint8Array, {height, width, channels, stream}: Move): void {
	const zoom = Math.exp(stream.uniform(-limits.zoom, limits.zoom));
	const shiftX = stream.uniform(-limits.shift, limits.shift) * width;
	const shiftY = stream.uniform(-limits.shift, limits.shift) * height;
	const sign = stream.uniform() < 0.5 ? -1 : 1;
	const gain = Math.exp(stream.uniform(-limits.gain, limits.gain)) / 255;
	const [centreX, centreY] = [(width - 1) / 2, (height - 1) / 2];
	for (let row = 0; row < height; row++) {
		const y = clamp(((row - centreY) * zoom) + centreY + shiftY, height - 1);
		const [top, down] = [Math.floor(y), y - Math.floor(y)];
		const below = Math.min(top + 1, height - 1);
		for (let column = 0; column < width; column++) {
			const x = clamp(((column - centreX) * zoom * sign) + centreX + shiftX, width - 1);
			const [left, right] = [Math.floor(x), x - Math.floor(x)];
			const beside = Math.min(left + 1, width - 1);
			for (let channel = 0; channel < channels; channel++) {
				const at = (line: number, place: number) => image[(((line * width) + place) * channels) + channel]!;
				const upper = (at(top, left) * (1 - right)) + (at(top, beside) * right);
				const lower = (at(below, left) * (1 - right)) + (at(below, beside) * right);
				target[(((row * width) + column) * channels) + channel] = Math.min(1, gain * ((upper * (1 - down)) + (lower * down)));
			}
		}
	}
}

function clamp(value: number, high: number): number {
	return Math.min(Math.max(value, 0), high);
}
