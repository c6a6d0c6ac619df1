import {scaleColour, type Colour} from './colour.ts';
import {sides, type Face} from './face.ts';
import {boxDistance, discDistance, ellipseDistance} from './signed-distance.ts';

const white: Colour = [0.95, 0.95, 0.94];
const pupil: Colour = [0.03, 0.03, 0.03];

/** Each eye with the brow above it; left before right. */
export function paintEyes(face: Face): void {
	for (const side of sides) {
		paintEye(face, side);
		paintBrow(face, side);
	}
}

function paintEye({identity: {eye}, nuisance: {expression}, canvas, skin, turnX, turnY}: Face, side: -1 | 1): void {
	const halfHeight = eye.halfWidth * eye.aspect * expression.eyeOpenness;
	const region = {x: turnX + (side * eye.offset), y: turnY + eye.height, radius: 1.5 * eye.halfWidth};
	// Heights in the eye's own frame, which its tilt shears.
	const tilted = (x: number, y: number) => y - region.y + (side * eye.tilt * (x - region.x));
	const open = (x: number, y: number) => canvas.cover(ellipseDistance(x - region.x, tilted(x, y), eye.halfWidth, halfHeight));
	canvas.paint(white, open, region);
	const irisX = region.x + (0.35 * expression.gaze * eye.halfWidth);
	const irisRadius = 0.62 * eye.halfWidth;
	for (const [colour, radius] of [[eye.iris, irisRadius], [pupil, irisRadius / 2]] as const) {
		canvas.paint(colour, (x, y) => canvas.cover(discDistance(x - irisX, tilted(x, y), radius)) * open(x, y), region);
	}

	canvas.paint(
		scaleColour(skin, 0.3),
		(x, y) => 0.7 * canvas.cover(boxDistance(x - region.x, tilted(x, y) + halfHeight, eye.halfWidth, 0.018)),
		region,
	);
}

function paintBrow({identity: {eye, brow}, nuisance: {expression}, canvas, hair, turnX, turnY}: Face, side: -1 | 1): void {
	const centreX = turnX + (side * eye.offset);
	const centreY = turnY + eye.height - brow.gapAboveEye - expression.browRaise;
	canvas.paint(
		scaleColour(hair, 0.75),
		(x, y) => 0.9 * canvas.cover(ellipseDistance(
			x - centreX,
			y - centreY + (side * brow.tilt * (x - centreX)),
			brow.halfLength,
			brow.halfThickness,
		)),
		{x: centreX, y: centreY, radius: 1.3 * brow.halfLength},
	);
}
