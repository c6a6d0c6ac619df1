import {Buffer} from 'node:buffer';
import test from 'ava';
import {decodePnm, isPnm} from '../../../datasets/image-folder/pnm.ts';

test('text greymaps are read, with comments and odd white space', t => {
	const file = Buffer.from('P2 # grey\n# two by two\n2\t2\n255# full\n0 1\r\n254 # almost\n255');
	t.deepEqual(decodePnm(file), {
		width: 2, height: 2, channels: 1, data: Uint8Array.of(0, 1, 254, 255),
	});
});

test('text pixmaps are scaled to their maximum', t => {
	const file = Buffer.from('P3 1 1 15 0 5 15');
	t.deepEqual(decodePnm(file), {
		width: 1, height: 1, channels: 3, data: Uint8Array.of(0, 85, 255),
	});
});

test('binary greymaps keep pixels that look like white space', t => {
	const file = Buffer.from('P5 2 1 255\n\n ', 'latin1');
	t.deepEqual([...decodePnm(file).data], [10, 32]);
});

test('binary pixmaps are read', t => {
	const file = Buffer.from('P6\n1 2\n255\nabcdef');
	t.deepEqual(decodePnm(file), {
		width: 1, height: 2, channels: 3, data: Uint8Array.from(Buffer.from('abcdef')),
	});
});

test('16-bit greymaps have the higher byte first', t => {
	const file = Buffer.concat([Buffer.from('P5 3 1 65535\n'), Buffer.from([0xFF, 0xFF, 0x80, 0x80, 0x00, 0x80])]);
	// 0x8080 / 257 = 128, 0x0080 / 257 = 0.498
	t.deepEqual([...decodePnm(file).data], [255, 128, 0]);
});

test('16-bit pixmaps are read', t => {
	const file = Buffer.concat([Buffer.from('P6 1 1 1023\n'), Buffer.from([0x03, 0xFF, 0x00, 0x00, 0x02, 0x00])]);
	// 512 · 255 / 1023 = 127.6
	t.deepEqual([...decodePnm(file).data], [255, 0, 128]);
});

test('a file is recognised by its first bytes', t => {
	t.true(isPnm(Buffer.from('P5\n')));
	t.false(isPnm(Buffer.from([0x89, 0x50, 0x4E, 0x47])));
});

const fails = test.macro((t, text: string, message: string) => {
	t.throws(() => decodePnm(Buffer.from(text, 'latin1')), {instanceOf: RangeError, message});
});

test('a bitmap is refused', fails, 'P1 1 1 0', 'Netpbm variant P1 is not supported, expected P2, P3, P5 or P6');
test('a truncated binary file is refused', fails, 'P6 2 2 255\nabcdef', 'truncated: expected 12 values for 2×2, got 6');
test('a truncated 16-bit file is refused', fails, 'P5 2 1 256\nabc', 'truncated: expected 2 values for 2×1, got 1');
test('a truncated text file is refused', fails, 'P2 2 2 255 1 2 3', 'truncated: expected 4 values for 2×2, got 3');
test('a width of zero is refused', fails, 'P5 0 2 255\n', 'the header\'s width must be a whole number from 1 to 65535, got "0"');
test('a height that is no number is refused', fails, 'P5 2 two 255\n', 'the header\'s height must be a whole number from 1 to 65535, got "two"');
test('a header that ends early is refused', fails, 'P5 2 2', 'the header\'s maximum must be a whole number from 1 to 65535, got ""');
test('a maximum beyond 16 bits is refused', fails, 'P5 1 1 65536\nab', 'the header\'s maximum must be a whole number from 1 to 65535, got "65536"');
test('a value above the maximum is refused', fails, 'P2 2 1 100 7 101', 'value 2 is 101, but the largest is said to be 100');
test('text that is no number is refused', fails, 'P2 2 1 100 7 seven', 'value 2 is NaN, but the largest is said to be 100');
