import {Buffer} from 'node:buffer';
import {readFileSync} from 'node:fs';
import test from 'ava';
import type {IdentityAttributes} from '../../../datasets/procedural-faces/identity-attributes.ts';
import type {Nuisance} from '../../../datasets/procedural-faces/nuisance.ts';
import {renderFace} from '../../../datasets/procedural-faces/render-face.ts';
import {randomStream} from '../../../tensors/random.ts';

type GoldenFace = {
	readonly title: string;
	readonly size: number;
	readonly identity: IdentityAttributes;
	readonly nuisance: Nuisance;
	/** Base64 of [size, size, 3], made by test/fixtures/procedural-faces.py. */
	readonly pixels: string;
};

const golden = JSON.parse(readFileSync(new URL('../../fixtures/procedural-faces.json', import.meta.url), 'utf8')) as GoldenFace[];
const [face] = golden as [GoldenFace];

/** Grey levels out of 255; the reference computes in another order, so a value may round the other way. */
const roundingTolerance = 1.5;

const matchesReference = test.macro((t, {size, identity, nuisance, pixels}: GoldenFace) => {
	const actual = renderFace(identity, nuisance, {size, noiseStream: randomStream('unused')});
	const expected = Buffer.from(pixels, 'base64');
	t.is(actual.length, expected.length);
	t.true(largestDifference(actual, expected) <= roundingTolerance);
});

for (const record of golden) {
	test(`a face is drawn as the reference draws it: ${record.title}`, matchesReference, record);
}

test('noise of the same stream is the same twice', t => {
	const noisy = {...face.nuisance, noise: 0.04};
	const render = () => renderFace(face.identity, noisy, {size: face.size, noiseStream: randomStream('noise')});
	t.deepEqual(render(), render());
});

test('noise changes values by about its standard deviation', t => {
	const noise = 0.02;
	const clean = renderFace(face.identity, face.nuisance, {size: face.size, noiseStream: randomStream('noise')});
	const noisy = renderFace(face.identity, {...face.nuisance, noise}, {size: face.size, noiseStream: randomStream('noise')});
	// Values near black or white are left out: clamping narrows their distribution.
	const differences = [...clean.entries()].filter(([, value]) => value > 25 && value < 230).map(([index, value]) => (noisy[index]! - value) / 255);
	const deviation = Math.sqrt(differences.reduce((sum, value) => sum + (value * value), 0) / differences.length);
	const relativeTolerance = 0.15;
	t.true(Math.abs((deviation / noise) - 1) < relativeTolerance, `got ${deviation}`);
});

test('glasses that are not worn leave the image as if there were none', t => {
	const options = {size: face.size, noiseStream: randomStream('unused')};
	const without = renderFace({...face.identity, glasses: {...face.identity.glasses, shape: 'none'}}, face.nuisance, options);
	t.deepEqual(renderFace(face.identity, {...face.nuisance, wearsGlasses: false}, options), without);
});

function largestDifference(a: Uint8Array, b: Uint8Array): number {
	let largest = 0;
	for (const [index, value] of a.entries()) {
		largest = Math.max(largest, Math.abs(value - b[index]!));
	}

	return largest;
}
