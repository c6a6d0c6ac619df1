import test from 'ava';
import {randomStream} from '../../tensors/random.ts';
import {drawCrop, interpolate} from '../../training/crop.ts';

const crops = (options: Parameters<typeof drawCrop>[1], size: readonly [number, number] = [32, 32]) =>
	Array.from({length: 500}, (_, index) => drawCrop(size, options, randomStream(String(index))));

test('crops lie within the image and have an area within the scale', t => {
	for (const {rows, columns} of crops({scale: [0.5, 0.9], flip: 0})) {
		t.true(rows.offset >= 0 && rows.offset + rows.size <= 32);
		t.true(columns.offset >= 0 && columns.offset + columns.size <= 32);
		const area = rows.size * columns.size / (32 * 32);
		t.true(area >= 0.5 - 1e-12 && area <= 0.9);
	}
});

test('without an aspect, crops of square images are square', t => {
	t.true(crops({scale: [0.5, 0.9], flip: 0}).every(({rows, columns}) => rows.size === columns.size));
});

test('the aspect is the ratio of width to height', t => {
	const ratios = crops({scale: [0.5, 0.6], aspect: [0.8, 1.2], flip: 0}).map(({rows, columns}) => columns.size / rows.size);
	t.true(ratios.every(ratio => ratio > 0.8 - 1e-12 && ratio < 1.2 + 1e-12));
	t.true(ratios.some(ratio => ratio < 0.85) && ratios.some(ratio => ratio > 1.15));
});

test('crops of wide images have the shape of the image', t => {
	t.true(crops({scale: [0.5, 0.9], flip: 0}, [16, 32]).every(({rows, columns}) => Math.abs(columns.size - (2 * rows.size)) < 1e-9));
});

test('a probability of 0 never mirrors, of 1 always, of a half about half the time', t => {
	const share = (flip: number) => crops({scale: [0.9, 1], flip}).filter(({columns}) => columns.mirrored).length / 500;
	t.is(share(0), 0);
	t.is(share(1), 1);
	t.true(Math.abs(share(0.5) - 0.5) < 0.1);
});

test('rows are never mirrored', t => {
	t.true(crops({scale: [0.9, 1], flip: 1}).every(({rows}) => !rows.mirrored));
});

test('the whole axis is read as it is', t => {
	const {lower, fraction} = interpolate({offset: 0, size: 4, mirrored: false}, 4);
	t.deepEqual([...lower], [0, 1, 2, 3]);
	t.deepEqual([...fraction], [0, 0, 0, 0]);
});

test('the whole axis is mirrored exactly', t => {
	const {lower, fraction} = interpolate({offset: 0, size: 4, mirrored: true}, 4);
	t.deepEqual([...lower], [3, 2, 1, 0]);
	t.deepEqual([...fraction], [0, 0, 0, 0]);
});

test('half an axis is read at quarters between its positions and clamped at its ends', t => {
	// Coordinates 0 + 2·(i + ½)/4 − ½ = −0.25, 0.25, 0.75, 1.25; the first is clamped to 0.
	const {lower, upper, fraction} = interpolate({offset: 0, size: 2, mirrored: false}, 4);
	t.deepEqual([...lower], [0, 0, 0, 1]);
	t.deepEqual([...upper], [1, 1, 1, 2]);
	t.deepEqual([...fraction], [0, 0.25, 0.75, 0.25]);
});
