import type {RandomStream} from '../../tensors/random.ts';
import {addColours, type Colour} from './colour.ts';
import {
	colourOffset, frameColours, hairColours, irisColours, pick, skinColour,
} from './palette.ts';

export type HairStyle = 'bald' | 'short' | 'parting' | 'fringe' | 'long' | 'curly';
export type Beard = 'none' | 'stubble' | 'full' | 'goatee' | 'moustache';
export type GlassesShape = 'none' | 'round' | 'square';

/**
 * What stays the same in all images of one person. Lengths are in half image widths: the image spans (−1, 1) in both
 * directions, x to the right and y down, with the head's centre at the origin. Tilts are slopes.
 */
export type IdentityAttributes = {
	/** Palette colour plus this person's own offset; not clamped. */
	readonly skin: Colour;
	readonly head: {readonly halfWidth: number; readonly halfHeight: number; /** 0 an ellipse, towards 1 a pointed chin. */ readonly jawTaper: number};
	readonly hair: {
		/** Palette colour plus this person's own offset; not clamped. */
		readonly colour: Colour;
		readonly style: HairStyle;
		/** Height of the hairline above the centre, as a share of the head's half height. */
		readonly hairline: number;
		/** How far the hair stands off the head. */
		readonly volume: number;
		/** The side (−1 left, +1 right) on which a side parting's hair hangs lower. */
		readonly partingSide: -1 | 1;
		/** Y at which long hair ends. */
		readonly length: number;
	};
	readonly brow: {readonly halfThickness: number; readonly halfLength: number; readonly tilt: number; readonly gapAboveEye: number};
	readonly eye: {
		/** Distance of each eye's centre from the face's middle. */
		readonly offset: number;
		readonly height: number;
		readonly halfWidth: number;
		/** Height of a fully open eye divided by its width. */
		readonly aspect: number;
		readonly tilt: number;
		readonly iris: Colour;
	};
	readonly nose: {readonly length: number; readonly halfWidth: number};
	readonly mouth: {
		readonly height: number;
		readonly halfWidth: number;
		readonly lipHalfThickness: number;
		/** 0 skin-coloured to 1 red. */
		readonly lipRedness: number;
	};
	readonly beard: Beard;
	readonly glasses: {readonly shape: GlassesShape; readonly frame: Colour};
	/** Redness of the cheeks, 0–1. */
	readonly blush: number;
	readonly earRadius: number;
	/** Absent when the person has none. */
	readonly mole?: {readonly x: number; readonly y: number};
};

/**
 * Draws one person. Properties are drawn in the order they are written. Each continuous range is a plausible range
 * shrunk to 70 % about its centre: people who look more alike make the classes as hard to tell apart as those of real photographs.
 */
export function drawIdentity(stream: RandomStream): IdentityAttributes {
	return {
		skin: addColours(skinColour(stream.uniform(0, 4)), colourOffset(stream, 0.021)),
		head: {
			halfWidth: stream.uniform(0.484, 0.596),
			halfHeight: stream.uniform(0.644, 0.756),
			jawTaper: stream.uniform(0.075, 0.425),
		},
		hair: {
			colour: addColours(pick(stream, hairColours), colourOffset(stream, 0.035)),
			style: pick(stream, [['bald', 1], ['short', 3], ['parting', 2.5], ['fringe', 2.5], ['long', 3], ['curly', 2]]),
			hairline: stream.uniform(0.465, 0.675),
			volume: stream.uniform(0.058, 0.142),
			partingSide: pick(stream, [[-1, 1], [1, 1]]),
			length: stream.uniform(0.3975, 0.8525),
		},
		brow: {
			halfThickness: stream.uniform(0.0236, 0.0495),
			halfLength: stream.uniform(0.109, 0.151),
			tilt: stream.uniform(-0.21, 0.21),
			gapAboveEye: stream.uniform(0.132, 0.188),
		},
		eye: {
			offset: stream.uniform(0.2065, 0.2835),
			height: stream.uniform(-0.113, 0.013),
			halfWidth: stream.uniform(0.0825, 0.1175),
			aspect: stream.uniform(0.5025, 0.7475),
			tilt: stream.uniform(-0.21, 0.21),
			iris: pick(stream, irisColours),
		},
		nose: {length: stream.uniform(0.184, 0.296), halfWidth: stream.uniform(0.0605, 0.1095)},
		mouth: {
			height: stream.uniform(0.378, 0.462),
			halfWidth: stream.uniform(0.1495, 0.2405),
			lipHalfThickness: stream.uniform(0.031, 0.059),
			lipRedness: stream.uniform(0.15, 0.85),
		},
		beard: pick(stream, [['none', 6], ['stubble', 1.5], ['full', 1.5], ['goatee', 1], ['moustache', 1]]),
		glasses: {
			shape: pick(stream, [['none', 6], ['round', 1.5], ['square', 1.5]]),
			frame: pick(stream, frameColours),
		},
		blush: stream.uniform(0.075, 0.425),
		earRadius: stream.uniform(0.0575, 0.0925),
		...(stream.uniform() < 0.3 && {mole: {x: stream.uniform(-0.21, 0.21), y: stream.uniform(0.1545, 0.3155)}}),
	};
}
