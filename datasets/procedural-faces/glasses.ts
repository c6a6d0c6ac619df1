import type {Mask} from './canvas.ts';
import {headCoverage, sides, type Face} from './face.ts';
import {boxDistance, ellipseDistance} from './signed-distance.ts';

/** Two frames, the bridge between them and the temples towards the ears, as one shape. */
export function paintGlasses(face: Face): void {
	const {identity: {glasses, eye}, nuisance, canvas, turnX, turnY} = face;
	if (glasses.shape === 'none' || !nuisance.wearsGlasses) {
		return;
	}

	const frames = framesMask(face, glasses.shape);
	const bars = barsMask(face);
	canvas.paint(
		glasses.frame,
		(x, y) => Math.max(frames(x, y), bars(x, y)),
		// The temples are clipped by the head, so nothing lies further out than its edge.
		{x: turnX, y: turnY + eye.height, radius: face.identity.head.halfWidth + Math.abs(turnX)},
	);
}

function framesMask({identity: {eye}, canvas, turnX, turnY}: Face, shape: 'round' | 'square'): Mask {
	const centreY = turnY + eye.height + 0.01;
	return (x, y) => {
		let widest = 0;
		for (const side of sides) {
			const frameX = x - turnX - (side * eye.offset);
			const distance = shape === 'round'
				? Math.abs(ellipseDistance(frameX, y - centreY, 0.145, 0.145)) - 0.02
				: Math.abs(boxDistance(frameX, y - centreY, 0.15, 0.105)) - 0.022;
			widest = Math.max(widest, canvas.cover(distance));
		}

		return widest;
	};
}

function barsMask(face: Face): Mask {
	const {identity: {eye, head}, canvas, turnX, turnY} = face;
	const centreY = turnY + eye.height - 0.02;
	const bridge = Math.max(eye.offset - 0.14, 0.01);
	return (x, y) => {
		const vertical = Math.abs(y - centreY) - 0.018;
		const fromMiddle = Math.abs(x - turnX);
		const temple = Math.max(vertical, eye.offset + 0.15 - fromMiddle, fromMiddle - head.halfWidth);
		return Math.max(
			canvas.cover(Math.max(vertical, fromMiddle - bridge)),
			canvas.cover(temple) * headCoverage(face, x, y),
		);
	};
}
