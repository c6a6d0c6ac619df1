import type {Shader} from './canvas.ts';
import {clamp, scaleColour} from './colour.ts';
import {
	headCoverage, headHalfWidth, sides, type Face,
} from './face.ts';
import {discDistance, ellipseDistance} from './signed-distance.ts';

/** How much a full blush takes from red, green and blue. */
const blushAbsorption = [0, 0.35, 0.3] as const;

export function paintEars({identity: {head, earRadius}, nuisance, canvas, skin}: Face): void {
	for (const side of sides) {
		const centreX = (side * (head.halfWidth + 0.01)) - (0.03 * nuisance.yaw);
		canvas.paint(
			scaleColour(skin, 0.88),
			(x, y) => canvas.cover(ellipseDistance(x - centreX, y - 0.02, earRadius, 1.5 * earRadius)),
			{x: centreX, y: 0.02, radius: 1.5 * earRadius},
		);
	}
}

export function paintHead(face: Face): void {
	face.canvas.paint(skinShader(face), (x, y) => headCoverage(face, x, y));
}

/** Lambert-like shading of an ellipsoid, and blushing cheeks. */
function skinShader({identity, nuisance: {light}, skin, turnX}: Face): Shader {
	const lightX = 0.6 * light.strength * Math.cos(light.angle);
	const lightY = 0.6 * light.strength * Math.sin(light.angle);
	return (x, y, colour) => {
		const across = clamp(x / headHalfWidth(identity, y), -1, 1);
		const down = clamp(y / identity.head.halfHeight, -1, 1);
		const towardsViewer = Math.sqrt(Math.max(0, 1 - (across * across) - (down * down)));
		const shade = 1 + (lightX * across) + (lightY * down) - (0.18 * (1 - towardsViewer));
		const cheekX = Math.abs(x - turnX) - 0.3;
		const cheekY = y - 0.16;
		const blush = identity.blush * Math.exp(-((cheekX * cheekX) + (cheekY * cheekY)) / 0.012);
		for (let channel = 0; channel < 3; channel++) {
			colour[channel] = clamp(skin[channel]! * shade * (1 - (blush * blushAbsorption[channel]!)), 0, 1.2);
		}
	};
}

export function paintMole(face: Face): void {
	const {identity: {mole}, canvas, skin, turnX, turnY} = face;
	if (mole === undefined) {
		return;
	}

	const centreX = mole.x + turnX;
	const centreY = mole.y + turnY;
	canvas.paint(
		scaleColour(skin, 0.3),
		(x, y) => canvas.cover(discDistance(x - centreX, y - centreY, 0.035)) * headCoverage(face, x, y),
		{x: centreX, y: centreY, radius: 0.035},
	);
}
