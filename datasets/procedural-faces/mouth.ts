import {mapColour, mixColours, type Colour} from './colour.ts';
import type {Face} from './face.ts';
import {ellipseDistance} from './signed-distance.ts';

const redLips: Colour = [0.72, 0.18, 0.22];
const skinToLips: Colour = [0.92, 0.62, 0.6];
const insideMouth: Colour = [0.25, 0.06, 0.07];

/** Lips, then the gap between them, both bent along a parabola by the smile. */
export function paintMouth({identity: {mouth}, nuisance: {expression}, canvas, skin, turnX, turnY}: Face): void {
	const {smile, mouthOpening} = expression;
	const halfWidth = mouth.halfWidth * (1 + (0.15 * smile));
	const opening = 0.05 * mouthOpening;
	const region = {x: turnX, y: mouth.height + turnY, radius: halfWidth + 0.05};
	const bent = (x: number, y: number) => y - region.y + (0.05 * smile * (x / halfWidth) * (x / halfWidth)) - (0.03 * smile);
	const within = (x: number, y: number, radiusX: number, radiusY: number) =>
		canvas.cover(ellipseDistance(x - turnX, bent(x - turnX, y), radiusX, radiusY));
	const paleLips = mapColour(skin, (value, channel) => value * skinToLips[channel]);
	canvas.paint(
		mixColours(paleLips, redLips, mouth.lipRedness),
		(x, y) => within(x, y, halfWidth, mouth.lipHalfThickness + opening),
		region,
	);
	canvas.paint(insideMouth, (x, y) => 0.9 * within(x, y, 0.8 * halfWidth, Math.max(opening, 0.015)), region);
}
