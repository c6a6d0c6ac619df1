import type {RandomStream} from '../../tensors/random.ts';
import {paintBeard} from './beard.ts';
import {Canvas} from './canvas.ts';
import {paintEyes} from './eyes.ts';
import {faceOf} from './face.ts';
import {paintGlasses} from './glasses.ts';
import {paintBackHair, paintFrontHair} from './hair.ts';
import {paintEars, paintHead, paintMole} from './head.ts';
import type {IdentityAttributes} from './identity-attributes.ts';
import {paintMouth} from './mouth.ts';
import {paintNose} from './nose.ts';
import type {Nuisance} from './nuisance.ts';
import {develop} from './photometry.ts';
import {paintBackground, paintNeckAndShoulders} from './surroundings.ts';

/** From back to front; later parts cover earlier ones. */
const parts = [
	paintBackground,
	paintBackHair,
	paintNeckAndShoulders,
	paintEars,
	paintHead,
	paintBeard,
	paintMole,
	paintMouth,
	paintNose,
	paintEyes,
	paintFrontHair,
	paintGlasses,
];

/** One person under given circumstances as pixels [size, size, 3]; `noiseStream` is read only when there is noise. */
export function renderFace(identity: IdentityAttributes, nuisance: Nuisance, {size, noiseStream}: {
	readonly size: number;
	readonly noiseStream: RandomStream;
}): Uint8Array {
	const canvas = new Canvas(size, nuisance.pose);
	const face = faceOf(identity, nuisance, canvas);
	for (const paintPart of parts) {
		paintPart(face);
	}

	return develop(canvas, nuisance, noiseStream);
}
