import type {Canvas} from './canvas.ts';
import {
	addColours, clamp, mapColour, type Colour,
} from './colour.ts';
import type {IdentityAttributes} from './identity-attributes.ts';
import type {Nuisance} from './nuisance.ts';
import {ellipseDistance} from './signed-distance.ts';

/** What the parts of one face need to draw themselves. */
export type Face = {
	readonly identity: IdentityAttributes;
	readonly nuisance: Nuisance;
	readonly canvas: Canvas;
	/** Colours as they are in this image, in [0, 1]. */
	readonly skin: Colour;
	readonly hair: Colour;
	/** How far turning the head moves the interior features; subtract from x and y. */
	readonly turnX: number;
	readonly turnY: number;
};

export const sides = [-1, 1] as const;

export function faceOf(identity: IdentityAttributes, nuisance: Nuisance, canvas: Canvas): Face {
	return {
		identity,
		nuisance,
		canvas,
		skin: mapColour(addColours(identity.skin, nuisance.skinTint), value => clamp(value)),
		hair: mapColour(addColours(identity.hair.colour, nuisance.hairTint), value => clamp(value, 0.02, 1)),
		turnX: 0.1 * nuisance.yaw,
		turnY: 0.06 * nuisance.pitch,
	};
}

/** Half width of the head at a height: the jaw tapers below the centre. */
export function headHalfWidth({head}: IdentityAttributes, y: number): number {
	const below = clamp(y / head.halfHeight);
	return head.halfWidth * (1 - (head.jawTaper * below * below));
}

/** The head's own mask, by which beard, mole and temples are clipped. */
export function headCoverage({identity, canvas}: Face, x: number, y: number): number {
	return canvas.cover(ellipseDistance(x, y, headHalfWidth(identity, y), identity.head.halfHeight));
}
