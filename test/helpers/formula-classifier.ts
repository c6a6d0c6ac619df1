import {crc32} from 'node:zlib';
import type {Classifier, Weights} from '../../artifacts/classifier.ts';
import {classifierWeights} from '../../models/classifier-weights.ts';

/** Numbers in [−1, 1) as test/fixtures/networks.py makes them: MurmurHash3's finalizer of the index and the CRC-32 of a name. */
export function uniform(name: string, count: number): Float32Array {
	const start = crc32(name);
	const numbers = new Float32Array(count);
	for (let index = 0; index < count; index++) {
		let h = Math.imul(index, 0x9E_37_79_B1) + start;
		h = Math.imul(h ^ (h >>> 16), 0x85_EB_CA_6B);
		h = Math.imul(h ^ (h >>> 13), 0xC2_B2_AE_35);
		h ^= h >>> 16;
		numbers[index] = ((h >>> 8) / 0x80_00_00) - 1;
	}

	return numbers;
}

type Shapes = ReadonlyArray<{readonly name: string; readonly shape: readonly number[]}>;

/** The weights that `formula` of test/fixtures/networks.py makes. */
export function formulaWeights(shapes: Shapes, scale: number): Weights {
	const names = new Set(shapes.map(({name}) => name));
	return Object.fromEntries(shapes.map(({name, shape}) => {
		const data = uniform(name, shape.reduce((product, size) => product * size, 1));
		const valueOf = formulaOf(name, {shape, scale, isNorm: names.has(name.replace(/[^.]*$/, 'running_mean'))});
		for (const [index, value] of data.entries()) {
			data[index] = valueOf(value);
		}

		return [name, {shape, data}];
	}));
}

function formulaOf(name: string, {shape, scale, isNorm}: {shape: readonly number[]; scale: number; isNorm: boolean}): (u: number) => number {
	if (scale === 0 && isNorm && name.endsWith('.weight')) {
		return u => 0.15 * (1 + (0.3 * u));
	}

	if (scale === 0 && isNorm && name.endsWith('.bias')) {
		const isLastOfBlock = /(bn2|bn3|downsample\.1)\.bias$/.test(name);
		return u => (u < -0.5 && !isLastOfBlock ? -1 : 1) + (0.1 * u);
	}

	if (name.endsWith('running_mean') || name.endsWith('bias')) {
		return u => 0.1 * u;
	}

	if (name.endsWith('running_var')) {
		return u => 1 + (0.3 * u);
	}

	if (shape.length === 1) {
		return u => (scale || 0.25) * (1 + (0.3 * u));
	}

	const bound = Math.sqrt(6 / shape.slice(1).reduce((product, size) => product * size, 1));
	return u => bound * u;
}

/** A classifier of five classes with weights from the formula. */
export function formulaClassifier({architecture, side, scale, auxiliaryClasses, transformInput}: {readonly architecture: string; readonly side: number; readonly scale: number; readonly auxiliaryClasses: number; readonly transformInput: boolean}): Classifier {
	const facts = {numClasses: 5, imageShape: [side, side, 3]} as const;
	return {architecture, ...facts, transformInput, weights: formulaWeights(classifierWeights(architecture, {...facts, auxiliaryClasses}), scale)};
}
