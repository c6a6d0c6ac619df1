import test from 'ava';
import {randomStream, type RandomStream} from '../../tensors/random.ts';
import {drawWholeCrop} from '../../training/whole-crop.ts';

const official = {scale: [0.9, 1], flip: 0} as const;

/** A stream whose uniform numbers lie at this share of their ranges. */
const constant = (share: number): RandomStream => ({...randomStream('unused'), uniform: (low = 0, high = 1) => low + (share * (high - low)), integer: bound => Math.floor(share * bound)});

test('the attack\'s crops of 224 pixels have sides of 213 to 224, of which both occur', t => {
	const stream = randomStream('crops');
	const crops = Array.from({length: 2000}, () => drawWholeCrop([224, 224], official, stream));
	const sizes = new Set(crops.map(({rows}) => rows.size));
	t.deepEqual([Math.min(...sizes), Math.max(...sizes)], [213, 224]);
	t.true(crops.every(({rows, columns}) => rows.size === columns.size && rows.offset + rows.size <= 224 && columns.offset + columns.size <= 224 && !columns.mirrored));
});

test('area, proportions and place follow from the draws as in torchvision', t => {
	// Area 0.7 · 100², ratio √0.96: √(7000 / 0.98) rows and √(7000 · 0.98) columns, offsets in the middle of 0 to 15 and of 0 to 17.
	t.deepEqual(drawWholeCrop([100, 100], {scale: [0.5, 0.9], aspect: [0.8, 1.2], flip: 0.6}, constant(0.5)), {
		rows: {offset: 8, size: 85, mirrored: false}, columns: {offset: 9, size: 83, mirrored: true},
	});
});

test('what does not fit in ten draws becomes the largest centred crop of allowed proportions', t => {
	t.deepEqual(drawWholeCrop([20, 100], {scale: [1, 1], flip: 0}, constant(0.5)), {
		rows: {offset: 0, size: 20, mirrored: false}, columns: {offset: 40, size: 20, mirrored: false},
	});
});
