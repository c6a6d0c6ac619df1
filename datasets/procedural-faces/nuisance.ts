import type {RandomStream} from '../../tensors/random.ts';
import {
	addColours, clamp, mapColour, type Colour,
} from './colour.ts';
import {colourOffset} from './palette.ts';

/** How the face lies in the image. */
export type Pose = {
	/** Shift to the right and down, in half image widths. */
	readonly shiftX: number;
	readonly shiftY: number;
	/** Radians. */
	readonly rotation: number;
	/** Size of the face relative to the image; 1 is the attributes' own. */
	readonly scale: number;
};

/** What differs from image to image of one person: pose, light, expression, surroundings, camera. */
export type Nuisance = {
	readonly pose: Pose;
	/** Turn to the right and down, −1 to 1; moves the interior features only. */
	readonly yaw: number;
	readonly pitch: number;
	/** Direction the light comes from, in radians from x towards y, and its strength, 0–1. */
	readonly light: {readonly angle: number; readonly strength: number};
	/** Factor on the whole image. */
	readonly gain: number;
	/** Positive is warm. */
	readonly temperature: number;
	readonly hairTint: Colour;
	readonly skinTint: Colour;
	readonly expression: {
		/** −1 sad to 1 happy. */
		readonly smile: number;
		/** 0 closed to 1 open. */
		readonly mouthOpening: number;
		/** 0 closed to 1 open. */
		readonly eyeOpenness: number;
		readonly browRaise: number;
		/** −1 left to 1 right. */
		readonly gaze: number;
	};
	readonly background: {
		readonly colour: Colour;
		/** Change of colour per unit of height in the image. */
		readonly slope: Colour;
	};
	readonly clothes: Colour;
	/** Whether the person wears their glasses, if they have any. */
	readonly wearsGlasses: boolean;
	/** Standard deviation of the blur, in pixels. */
	readonly blurPixels: number;
	/** Standard deviation of the noise on every value. */
	readonly noise: number;
};

/** Draws the circumstances of one image. Properties are drawn in the order they are written. */
export function drawNuisance(stream: RandomStream): Nuisance {
	return {
		pose: {
			shiftX: stream.uniform(-0.06, 0.06),
			shiftY: stream.uniform(-0.06, 0.06),
			rotation: stream.uniform(-0.12, 0.12),
			scale: Math.exp(stream.uniform(-0.08, 0.08)),
		},
		yaw: stream.uniform(-1, 1),
		pitch: stream.uniform(-1, 1),
		light: {angle: stream.uniform(0, 2 * Math.PI), strength: stream.uniform(0.1, 0.9)},
		gain: Math.exp(stream.uniform(-0.35, 0.25)),
		temperature: stream.uniform(-0.2, 0.2),
		hairTint: colourOffset(stream, 0.06),
		skinTint: colourOffset(stream, 0.04),
		expression: {
			smile: stream.uniform(-1, 1),
			mouthOpening: Math.max(0, stream.uniform(-1, 1)),
			eyeOpenness: 1 - stream.uniform(0, 0.5),
			browRaise: stream.uniform(-0.03, 0.04),
			gaze: stream.uniform(-1, 1),
		},
		background: {
			colour: tintedGrey(stream, [0.15, 0.9], 0.15),
			slope: addColours(grey(stream.uniform(-0.12, 0.12)), colourOffset(stream, 0.05)),
		},
		clothes: tintedGrey(stream, [0.1, 0.8], 0.2),
		wearsGlasses: stream.uniform() < 0.8,
		blurPixels: stream.uniform(0, 0.75),
		noise: stream.uniform(0, 0.04),
	};
}

function tintedGrey(stream: RandomStream, [low, high]: readonly [number, number], tint: number): Colour {
	return mapColour(addColours(grey(stream.uniform(low, high)), colourOffset(stream, tint)), value => clamp(value));
}

function grey(value: number): Colour {
	return [value, value, value];
}
