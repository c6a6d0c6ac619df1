import type {Mask, Shader} from './canvas.ts';
import {clamp, scaleColour} from './colour.ts';
import type {Face} from './face.ts';
import type {HairStyle} from './identity-attributes.ts';
import {ellipseDistance} from './signed-distance.ts';

/** Hair behind the head, which only long and curly hair has. */
export function paintBackHair(face: Face): void {
	const {identity: {hair}, canvas} = face;
	if (hair.style === 'long') {
		canvas.paint(scaleColour(face.hair, 0.8), longBackHair(face));
	} else if (hair.style === 'curly') {
		canvas.paint(scaleColour(face.hair, 0.8), curlyBackHair(face));
	}
}

function longBackHair({identity: {head, hair}, canvas}: Face): Mask {
	const radiusX = head.halfWidth + hair.volume + 0.03;
	const radiusY = head.halfHeight + hair.volume + 0.02;
	return (x, y) => {
		const round = canvas.cover(ellipseDistance(x, y + 0.05, radiusX, radiusY)) * canvas.cover(y - hair.length);
		const straight = canvas.cover(Math.max(Math.abs(x) - head.halfWidth - hair.volume, -0.1 - y, y - hair.length));
		return Math.max(round, straight);
	};
}

function curlyBackHair({identity: {head, hair}, canvas}: Face): Mask {
	const radiusX = (1.6 * hair.volume) + head.halfWidth + 0.05;
	const radiusY = (0.85 * head.halfHeight) + (1.2 * hair.volume);
	return (x, y) => canvas.cover(ellipseDistance(x, y + 0.18, radiusX, radiusY));
}

/** Hair over the forehead and down the sides. */
export function paintFrontHair(face: Face): void {
	const {identity: {hair}, canvas} = face;
	if (hair.style !== 'bald') {
		canvas.paint(strandShader(face), frontHair(face, hair.style));
	}
}

function frontHair({identity: {head, hair}, nuisance, canvas}: Face, style: Exclude<HairStyle, 'bald'>): Mask {
	const radiusX = head.halfWidth + (0.7 * hair.volume) + 0.015;
	const radiusY = head.halfHeight + (0.8 * hair.volume);
	const hairlineY = (-head.halfHeight * hair.hairline) + (0.03 * nuisance.pitch);
	return (x, y) => {
		const cap = canvas.cover(ellipseDistance(x, y + 0.02, radiusX, radiusY));
		if (cap === 0) {
			return 0;
		}

		const dip = hairlineDip(style, {across: x / head.halfWidth, x, partingSide: hair.partingSide});
		const front = canvas.cover(y - hairlineY - dip);
		const side = style === 'fringe' ? 0 : canvas.cover(Math.max((0.93 * head.halfWidth) - Math.abs(x), y + 0.02));
		return Math.max(cap * front, 0.9 * cap * side);
	};
}

/** How far the hairline hangs below its height, by place; `across` is x over the head's half width. */
function hairlineDip(
	style: Exclude<HairStyle, 'bald'>,
	{across, x, partingSide}: {readonly across: number; readonly x: number; readonly partingSide: number},
): number {
	const r = Math.abs(across);
	switch (style) {
		case 'short': {
			return 0.3 * r * r * r;
		}

		case 'parting': {
			return (-0.28 * partingSide * across) + (0.18 * r * r * r) - 0.02;
		}

		case 'fringe': {
			return 0.26 - (0.05 * r);
		}

		case 'long': {
			return (0.45 * r * Math.sqrt(r)) - 0.08;
		}

		case 'curly': {
			return (0.35 * r * r) + (0.03 * Math.sin(14 * x));
		}
	}
}

/** Strands, and a fall-off from the crown downwards. */
function strandShader({hair}: Face): Shader {
	return (x, y, colour) => {
		const factor = (1 + (0.12 * Math.sin((9 * x) + (4 * y)))) * (1 - (0.25 * (y + 0.6)));
		for (let channel = 0; channel < 3; channel++) {
			colour[channel] = clamp(hair[channel]! * factor);
		}
	};
}
