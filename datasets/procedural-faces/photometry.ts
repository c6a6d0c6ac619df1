import type {RandomStream} from '../../tensors/random.ts';
import type {Canvas} from './canvas.ts';
import type {Nuisance} from './nuisance.ts';

/** How a warm light changes red, green and blue. */
const warmth = [1, 0.1, -1] as const;

const fullScale = 255;

/** What the camera does: gain, colour temperature, blur, noise, 8-bit rounding. Returns pixels [size, size, 3]. */
export function develop({rgb, size}: Canvas, nuisance: Nuisance, noiseStream: RandomStream): Uint8Array {
	expose(rgb, nuisance);
	const sideWeight = Math.min(0.3, nuisance.blurPixels * nuisance.blurPixels / 2);
	const blurred = blur(blur(rgb, {size, stride: 3, sideWeight}), {size, stride: 3 * size, sideWeight});
	// This array clamps to [0, 255] and rounds to the nearest, half to even.
	const pixels = new Uint8ClampedArray(blurred.length);
	for (let index = 0; index < pixels.length; index++) {
		const noise = nuisance.noise > 0 ? nuisance.noise * noiseStream.normal() : 0;
		pixels[index] = (blurred[index]! + noise) * fullScale;
	}

	return new Uint8Array(pixels.buffer);
}

function expose(rgb: Float64Array, {gain, temperature}: Nuisance): void {
	for (let channel = 0; channel < 3; channel++) {
		const factor = gain * (1 + (temperature * warmth[channel]!));
		for (let index = channel; index < rgb.length; index += 3) {
			rgb[index]! *= factor;
		}
	}
}

/** Three taps (side, 1 − 2·side, side) along one direction; `stride` is the step to the next neighbour. Edges are replicated. */
function blur(rgb: Float64Array, {size, stride, sideWeight}: {readonly size: number; readonly stride: number; readonly sideWeight: number}): Float64Array {
	const result = new Float64Array(rgb.length);
	const span = stride * size;
	for (let index = 0; index < rgb.length; index++) {
		const place = index % span;
		const before = rgb[place < stride ? index : index - stride]!;
		const after = rgb[place >= span - stride ? index : index + stride]!;
		result[index] = ((1 - (2 * sideWeight)) * rgb[index]!) + (sideWeight * (before + after));
	}

	return result;
}
