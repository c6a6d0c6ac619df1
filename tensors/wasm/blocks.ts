import {contract, type Contraction} from './native.ts';

/** Sizes of the blocks of b that are used for all rows before the next one is read: together they fit the second-level cache. */
const depthBlock = 256;
const columnBlock = 128;

/** Adds a contraction to c, reading each block of b from memory once for all rows and repeats. Every sum takes its terms in the same order as in `contract`. */
export function contractInBlocks(all: Contraction): void {
	const {a, b, c, columns, sizes: [size0, size1, size2], stridesA: [a0, a1, a2], stridesB: [b0, b1, b2]} = all;
	if (size0 * size1 * size2 * columns <= depthBlock * columnBlock) {
		contract(all);
		return;
	}

	for (let column = 0; column < columns; column += columnBlock) {
		for (let outer = 0; outer < size0 * size1; outer++) {
			const [k0, k1] = [Math.floor(outer / size1), outer % size1];
			for (let k2 = 0; k2 < size2; k2 += depthBlock) {
				contract({
					...all,
					a: a + (k0 * a0) + (k1 * a1) + (k2 * a2),
					b: b + (k0 * b0) + (k1 * b1) + (k2 * b2) + column,
					c: c + column,
					columns: Math.min(columnBlock, columns - column),
					sizes: [1, 1, Math.min(depthBlock, size2 - k2)],
				});
			}
		}
	}
}
