import {clamp, scaleColour} from './colour.ts';
import type {Face} from './face.ts';
import {boxDistance, ellipseDistance} from './signed-distance.ts';

/** Fills the whole image with a vertical gradient; it belongs to the image, not to the pose. */
export function paintBackground({nuisance: {background}, canvas}: Face): void {
	const {size, rgb} = canvas;
	for (let row = 0, index = 0; row < size; row++) {
		const v = canvas.imageCoordinate(row);
		for (let column = 0; column < size; column++) {
			for (let channel = 0; channel < 3; channel++, index++) {
				rgb[index] = clamp(background.colour[channel]! + (background.slope[channel]! * v));
			}
		}
	}
}

export function paintNeckAndShoulders({nuisance, canvas, skin}: Face): void {
	canvas.paint(scaleColour(skin, 0.75), (x, y) => canvas.cover(Math.max(boxDistance(x, 0, 0.22, 1), 0.3 - y)));
	canvas.paint(nuisance.clothes, (x, y) => canvas.cover(ellipseDistance(x, y - 1.28, 0.85, 0.42)));
}
