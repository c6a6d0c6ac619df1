import {scaleColour} from './colour.ts';
import type {Face} from './face.ts';
import {boxDistance, ellipseDistance} from './signed-distance.ts';

/** Nostrils' shadow, then the shadow of the ridge on the side away from the light. */
export function paintNose({identity: {nose, eye}, nuisance: {light}, canvas, skin, turnX, turnY}: Face): void {
	const baseY = turnY + eye.height + nose.length;
	canvas.paint(
		scaleColour(skin, 0.55),
		(x, y) => 0.55 * canvas.cover(ellipseDistance(x - turnX, y - baseY, nose.halfWidth, (0.45 * nose.halfWidth) + 0.01)),
		{x: turnX, y: baseY, radius: nose.halfWidth},
	);
	const ridgeX = turnX + (Math.cos(light.angle) > 0 ? -0.04 : 0.04);
	const ridgeY = baseY - (nose.length / 2);
	canvas.paint(
		scaleColour(skin, 0.5),
		(x, y) => 0.28 * canvas.cover(boxDistance(x - ridgeX, y - ridgeY, 0.022, 0.45 * nose.length)),
		{x: ridgeX, y: ridgeY, radius: 0.022 + (0.45 * nose.length)},
	);
}
