import type {RandomStream} from '../../tensors/random.ts';
import {mixColours, type Colour} from './colour.ts';

/** A choice and how often it is made, relative to its siblings. */
type Weighted<Value> = ReadonlyArray<readonly [value: Value, weight: number]>;

/** From light to dark; a skin position is a place between two neighbours. */
const skinAnchors: readonly Colour[] = [
	[0.98, 0.86, 0.76],
	[0.93, 0.74, 0.58],
	[0.8, 0.58, 0.42],
	[0.6, 0.4, 0.27],
	[0.38, 0.25, 0.17],
];

export const hairColours: Weighted<Colour> = [
	[[0.08, 0.07, 0.07], 4],
	[[0.24, 0.15, 0.09], 4],
	[[0.42, 0.27, 0.15], 3],
	[[0.55, 0.24, 0.11], 1],
	[[0.86, 0.7, 0.4], 1.5],
	[[0.62, 0.61, 0.6], 0.8],
	[[0.74, 0.3, 0.16], 0.4],
];

export const irisColours: Weighted<Colour> = [
	[[0.2, 0.12, 0.06], 3],
	[[0.38, 0.25, 0.12], 2],
	[[0.25, 0.42, 0.62], 2],
	[[0.3, 0.48, 0.28], 1.5],
	[[0.45, 0.47, 0.5], 1],
];

export const frameColours: Weighted<Colour> = [
	[[0.06, 0.06, 0.07], 3],
	[[0.42, 0.2, 0.1], 1],
	[[0.55, 0.1, 0.12], 1],
	[[0.15, 0.22, 0.45], 1],
];

/** @param position from 0 (lightest) to 4 (darkest), linear between the anchors. */
export function skinColour(position: number): Colour {
	const lighter = Math.min(Math.floor(position), skinAnchors.length - 2);
	return mixColours(skinAnchors[lighter]!, skinAnchors[lighter + 1]!, position - lighter);
}

/** Draws one of the values by weight. */
export function pick<Value>(stream: RandomStream, choices: Weighted<Value>): Value {
	return choices[stream.categorical(choices.map(([, weight]) => weight))]![0];
}

/** Three independent offsets from U(−reach, reach). */
export function colourOffset(stream: RandomStream, reach: number): Colour {
	return [stream.uniform(-reach, reach), stream.uniform(-reach, reach), stream.uniform(-reach, reach)];
}
