import {Buffer} from 'node:buffer';
import type {Weights} from '../../artifacts/classifier.ts';
import type {ImageView, Stylegan2, Stylegan2Sizes} from '../../artifacts/generator.ts';
import {weightShapes} from '../../models/networks/stylegan2/layout.ts';

/** Numbers in (−√3, √3), of variance 1, that follow from a name: the same hash as in `test/fixtures/stylegan2.py`. */
export function hashed(name: string, count: number): Float32Array {
	let seed = 2_166_136_261;
	for (const byte of Buffer.from(name)) {
		seed = Math.imul(seed ^ byte, 16_777_619) >>> 0;
	}

	return Float32Array.from({length: count}, (_, index) => {
		let x = (seed + Math.imul(index, 0x9E_37_79_B9)) >>> 0;
		x = Math.imul(x ^ (x >>> 16), 0x7F_EB_35_2D);
		x = Math.imul(x ^ (x >>> 15), 0x84_6C_A6_8B);
		return ((((x ^ (x >>> 16)) >>> 0) / (2 ** 31)) - 1) * Math.sqrt(3);
	});
}

/** The weight of a name, as in the fixture: mapping weights are stored a hundredfold. */
export function hashedWeight(name: string, shape: readonly number[]): Weights[string] {
	const numbers = hashed(name, shape.reduce((product, size) => product * size, 1));
	const [factor, offset] = factorOf(name);
	return {shape, data: numbers.map(value => offset + Math.fround(value * Math.fround(factor)))};
}

function factorOf(name: string): readonly [factor: number, offset: number] {
	if (name.startsWith('mapping.')) {
		return [name.endsWith('w_avg') ? 0.5 : (name.endsWith('bias') ? 10 : 100), 0];
	}

	if (name.endsWith('affine.bias')) {
		return [0.3, 1];
	}

	return [name.endsWith('noise_strength') || name.endsWith('bias') ? 0.2 : 1, 0];
}

/** A StyleGAN2 with hashed weights. */
export function hashedStylegan2(sizes: Stylegan2Sizes, view?: ImageView): Stylegan2 {
	return {
		architecture: 'stylegan2',
		...sizes,
		...(view && {view}),
		weights: Object.fromEntries(Object.entries(weightShapes(sizes)).map(([name, shape]) => [name, hashedWeight(name, shape)])),
	};
}
