import type {Mask} from './canvas.ts';
import {clamp, scaleColour} from './colour.ts';
import {headCoverage, headHalfWidth, type Face} from './face.ts';
import {ellipseDistance} from './signed-distance.ts';

export function paintBeard(face: Face): void {
	const mask = beardMask(face);
	if (mask) {
		face.canvas.paint(scaleColour(face.hair, 0.85), mask);
	}
}

function beardMask(face: Face): Mask | undefined {
	const {beard} = face.identity;
	switch (beard) {
		case 'none': {
			return undefined;
		}

		case 'stubble': {
			const full = fullBeard(face);
			return (x, y) => 0.35 * full(x, y);
		}

		case 'full': {
			const full = fullBeard(face);
			return (x, y) => 0.9 * full(x, y);
		}

		case 'goatee': {
			const chin = goatee(face);
			const lip = moustache(face);
			return (x, y) => 0.9 * Math.max(chin(x, y), lip(x, y));
		}

		case 'moustache': {
			const lip = moustache(face);
			return (x, y) => 0.95 * lip(x, y);
		}
	}
}

/** Everything from above the mouth downwards, and sideburns along the edge of the head. */
function fullBeard(face: Face): Mask {
	const {identity, canvas, turnY} = face;
	return (x, y) => {
		const head = headCoverage(face, x, y);
		if (head === 0) {
			return 0;
		}

		const featureY = y - turnY;
		const low = canvas.cover(identity.mouth.height - 0.16 - featureY, 2);
		const atEdge = canvas.cover(headHalfWidth(identity, y) - 0.1 - Math.abs(x), 1.5);
		const belowEyes = canvas.cover(0.05 - featureY, 2);
		return clamp((low + (atEdge * belowEyes)) * head);
	};
}

function goatee(face: Face): Mask {
	const {identity: {mouth}, canvas, turnX, turnY} = face;
	const centreY = turnY + mouth.height + 0.12;
	return (x, y) => canvas.cover(ellipseDistance(x - turnX, y - centreY, (0.8 * mouth.halfWidth) + 0.02, 0.2)) * headCoverage(face, x, y);
}

function moustache({identity: {mouth}, canvas, turnX, turnY}: Face): Mask {
	const centreY = turnY + mouth.height - 0.075;
	return (x, y) => canvas.cover(ellipseDistance(x - turnX, y - centreY, 0.95 * mouth.halfWidth, 0.045));
}
