import test from 'ava';
import {squareImage} from '../../../datasets/image-folder/square-image.ts';

/*
Expected values from PyTorch 1.13, x as printed below, t and l the corner of the centred square:
  F.interpolate(x[..., t:t+side, l:l+side].double(), size=(s, s), mode='bilinear', antialias=True).round()
*/
const matchesReference = test.macro((t, {width, height, size, data, expected}: {width: number; height: number; size: number; data: number[]; expected: number[]}) => {
	const picture = {
		width, height, channels: 1, data: Uint8Array.from(data),
	} as const;
	t.deepEqual([...squareImage(picture, {size, channels: 1})], expected);
});

test('a wide picture is cropped to its middle and reduced like the reference', matchesReference, {
	width: 11,
	height: 7,
	size: 4,
	data: [
		37,
		235,
		140,
		72,
		255,
		137,
		203,
		133,
		79,
		192,
		144,
		129,
		204,
		71,
		237,
		252,
		134,
		25,
		178,
		20,
		254,
		101,
		146,
		212,
		139,
		252,
		234,
		156,
		157,
		142,
		50,
		68,
		215,
		215,
		233,
		241,
		247,
		222,
		96,
		86,
		141,
		233,
		137,
		7,
		63,
		61,
		22,
		57,
		1,
		128,
		60,
		209,
		8,
		216,
		141,
		115,
		175,
		234,
		121,
		200,
		30,
		71,
		131,
		198,
		149,
		49,
		57,
		3,
		196,
		24,
		241,
		43,
		76,
		26,
		52,
		80,
		109,
	],
	expected: [
		135,
		200,
		134,
		99,
		198,
		209,
		125,
		119,
		123,
		106,
		99,
		135,
		146,
		135,
		66,
		97,
	],
});

test('a picture is enlarged like the reference', matchesReference, {
	width: 3,
	height: 3,
	size: 5,
	data: [
		115,
		41,
		210,
		15,
		64,
		196,
		25,
		111,
		226,
	],
	expected: [
		115,
		85,
		41,
		142,
		210,
		75,
		65,
		50,
		143,
		204,
		15,
		35,
		64,
		143,
		196,
		21,
		49,
		92,
		165,
		214,
		25,
		59,
		111,
		180,
		226,
	],
});

test('a picture of the right size is kept as it is', matchesReference, {
	width: 2, height: 2, size: 2, data: [0, 85, 170, 255], expected: [0, 85, 170, 255],
});

test('a tall picture is cropped to its middle', matchesReference, {
	width: 1, height: 3, size: 1, data: [10, 20, 30], expected: [20],
});

test('colours become grey by their luma', t => {
	const picture = {
		width: 1, height: 1, channels: 3, data: Uint8Array.of(200, 100, 50),
	} as const;
	// 0.299 · 200 + 0.587 · 100 + 0.114 · 50 = 124.2
	t.deepEqual([...squareImage(picture, {size: 1, channels: 1})], [124]);
});

test('grey fills all three channels', t => {
	const picture = {
		width: 2, height: 2, channels: 1, data: Uint8Array.of(1, 2, 3, 4),
	} as const;
	t.deepEqual([...squareImage(picture, {size: 2, channels: 3})], [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]);
});

test('channels are resized apart', t => {
	const picture = {
		width: 2, height: 2, channels: 3, data: Uint8Array.of(0, 10, 20, 0, 10, 20, 0, 10, 20, 0, 10, 20),
	} as const;
	t.deepEqual([...squareImage(picture, {size: 1, channels: 3})], [0, 10, 20]);
});
