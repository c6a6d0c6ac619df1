import {Buffer} from 'node:buffer';
import test from 'ava';
import {decodeSafetensors, encodeSafetensors, type Container} from '../../artifacts/safetensors.ts';
import {randomStream} from '../../tensors/random.ts';
import {fixture} from '../helpers/tensors.ts';

/** Files that `test/fixtures/safetensors-files.py` made with the Python package. */
const pythonFiles = fixture<Record<'all' | 'plain' | 'double' | 'words', string>>('safetensors-files.json');

/** What is in the file `all`. */
const everything: Container = {
	arrays: {
		activations: {shape: [2, 3], data: new Float32Array([1.5, -2.25, 3e-40, Infinity, -0, 16_777_216])},
		empty: {shape: [0, 4], data: new Float32Array()},
		labels: {shape: [3], data: new Int32Array([-1, 2_147_483_647, -2_147_483_648])},
		scalar: {shape: [], data: new Int32Array([7])},
		pixels: {shape: [1, 3, 1], data: new Uint8Array([0, 127, 255])},
	},
	metadata: {identities: ['Zoë']},
};

const encoded = (container: Container) => Buffer.concat([...encodeSafetensors(container)]);
const fromHex = (hex: string) => Uint8Array.from(Buffer.from(hex, 'hex'));

/** A file with any header, in bytes or as what JSON makes of it, and as many bytes after it. */
function fileOf(header: unknown, bodyBytes = 0): Uint8Array {
	const text = header instanceof Uint8Array ? header : Buffer.from(JSON.stringify(header));
	const length = Buffer.alloc(8);
	length.writeBigUInt64LE(BigInt(text.length));
	return Uint8Array.from(Buffer.concat([length, text, Buffer.alloc(bodyBytes)]));
}

const array = (shape: unknown, offsets: unknown, dtype: unknown = 'U8') => ({dtype, shape, data_offsets: offsets});

test('a file is byte for byte what the Python package writes', t => {
	t.is(encoded(everything).toString('hex'), pythonFiles.all);
});

test('a file of the Python package is read', t => {
	t.deepEqual(decodeSafetensors(fromHex(pythonFiles.all)), everything);
});

test('a file without metadata is read', t => {
	t.deepEqual(decodeSafetensors(fromHex(pythonFiles.plain)), {arrays: {pixels: everything.arrays.pixels!}, metadata: {}});
});

test('arrays of a type the project does not use are refused', t => {
	t.throws(() => decodeSafetensors(fromHex(pythonFiles.double)), {instanceOf: RangeError, message: 'Not a valid safetensors file: array "x" is of type "F64", expected F32, I32, U8'});
});

test('metadata that is not JSON is refused', t => {
	t.throws(() => decodeSafetensors(fromHex(pythonFiles.words)), {instanceOf: RangeError, message: 'Not a valid safetensors file: metadata "format" must be a text that holds JSON, got "pt"'});
});

test('arrays start on multiples of their element size', t => {
	const {arrays} = decodeSafetensors(Uint8Array.from(encoded({
		arrays: {a: {shape: [3], data: Uint8Array.of(1, 2, 3)}, b: {shape: [1], data: Float32Array.of(4)}, ü: {shape: [2], data: Int32Array.of(5, 6)}},
		metadata: {odd: '…'},
	})));
	t.deepEqual(Object.entries(arrays).map(([name, {data}]) => [name, data.byteOffset % data.BYTES_PER_ELEMENT]), [['b', 0], ['ü', 0], ['a', 0]]);
});

test('an aligned file is viewed, not copied', t => {
	const bytes = Uint8Array.from(encoded(everything));
	t.true(Object.values(decodeSafetensors(bytes).arrays).every(({data}) => data.buffer === bytes.buffer));
});

test('a file at an odd address is read', t => {
	const bytes = encoded(everything);
	for (let shift = 1; shift < 8; shift++) {
		const shifted = new Uint8Array(bytes.length + shift);
		shifted.set(bytes, shift);
		t.deepEqual(decodeSafetensors(shifted.subarray(shift)), everything);
	}
});

test('bytes read as a Buffer become plain arrays', t => {
	t.is(decodeSafetensors(encoded(everything)).arrays.pixels?.data.constructor, Uint8Array);
});

test('a part of a larger array is written alone', t => {
	const whole = Float32Array.of(1, 2, 3, 4);
	t.deepEqual(
		encoded({arrays: {x: {shape: [2], data: whole.subarray(1, 3)}}, metadata: {}}),
		encoded({arrays: {x: {shape: [2], data: Float32Array.of(2, 3)}}, metadata: {}}),
	);
});

test('the order of arrays and metadata does not matter', t => {
	const reversed = <Value>(record: Readonly<Record<string, Value>>) => Object.fromEntries(Object.entries(record).toReversed());
	const {arrays} = everything;
	const metadata = {a: 1, b: 2};
	t.deepEqual(encoded({arrays: reversed(arrays), metadata: reversed(metadata)}), encoded({arrays, metadata}));
});

test('names that mean something to objects are names like any other', t => {
	// As `JSON.parse` makes it, an own property; in an object literal `__proto__` would be the prototype.
	const names = JSON.parse('{"__proto__": 1, "constructor": 2, "toString": 3, "": 4}') as Record<string, number>;
	const container: Container = {
		arrays: Object.fromEntries(Object.entries(names).map(([name, value]) => [name, {shape: [1], data: Uint8Array.of(value)}])),
		metadata: names,
	};
	const decoded = decodeSafetensors(encoded(container));
	for (const [name, value] of Object.entries(names)) {
		t.deepEqual(Object.getOwnPropertyDescriptor(decoded.arrays, name)?.value, {shape: [1], data: Uint8Array.of(value)});
		t.is(Object.getOwnPropertyDescriptor(decoded.metadata, name)?.value, value);
	}
});

test('an array named like the metadata is refused', t => {
	t.throws(() => encoded({arrays: {__metadata__: {shape: [0], data: new Uint8Array()}}, metadata: {}}), {message: 'An array cannot be named "__metadata__"'});
});

test('NaN is refused', t => {
	t.throws(() => encoded({arrays: {x: {shape: [2], data: Float32Array.of(1, Number.NaN)}}, metadata: {}}), {instanceOf: RangeError, message: 'Array "x" holds NaN'});
});

test('an array that does not fit its shape is refused', t => {
	t.throws(() => encoded({arrays: {x: {shape: [2, 2], data: new Int32Array(3)}}, metadata: {}}), {instanceOf: RangeError, message: 'Array "x" has 3 elements, but its shape [2, 2] says 4'});
});

test('numbers of another type are refused', t => {
	t.throws(() => encoded({arrays: {x: {shape: [1], data: new Float64Array(1) as never}}, metadata: {}}), {instanceOf: TypeError, message: 'Expected a Float32Array, Int32Array or Uint8Array, got [object Float64Array]'});
});

const refused = test.macro({
	exec(t, bytes: Uint8Array, reason: string) {
		t.throws(() => decodeSafetensors(bytes), {instanceOf: RangeError, message: `Not a valid safetensors file: ${reason}`});
	},
	title: (title = '') => `${title} is refused`,
});

const withLength = (length: bigint) => {
	const bytes = fileOf({});
	new DataView(bytes.buffer).setBigUint64(0, length, true);
	return bytes;
};

test('an empty file', refused, new Uint8Array(), '0 bytes, expected at least 8');
test('a file shorter than its header length', refused, new Uint8Array(7), '7 bytes, expected at least 8');
test('a header longer than the file', refused, withLength(3n), 'the header would be 3 bytes long, the file is 10');
test('a header of 16 EiB', refused, withLength((2n ** 64n) - 1n), 'the header would be 18446744073709551615 bytes long, the file is 10');
test('a header of no bytes', refused, withLength(0n), 'its header is not JSON');
test('a header that is not JSON', refused, fileOf(Buffer.from('{"a":')), 'its header is not JSON');
test('a header that is not UTF-8', refused, fileOf(Buffer.from([0x22, 0xFF, 0x22])), 'its header is not JSON');
test('a header that is a list', refused, fileOf([1, 2]), 'its header must be an object, got [1,2]');
test('a header that is null', refused, fileOf(null), 'its header must be an object, got null');
test('a deeply nested header', refused, fileOf(Buffer.from(`{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`)), 'array "a" is of type nothing, expected F32, I32, U8');
test('metadata that is a text', refused, fileOf({__metadata__: 'x'}), 'its metadata must be an object, got "x"');
test('metadata that holds an object', refused, fileOf({__metadata__: {a: {}}}), 'metadata "a" must be a text that holds JSON, got {}');
test('an array that is null', refused, fileOf({a: null}), 'array "a" is of type nothing, expected F32, I32, U8');
test('an array without a type', refused, fileOf({a: {shape: [], data_offsets: [0, 1]}}, 1), 'array "a" is of type nothing, expected F32, I32, U8');
test('a type that is named like a method of objects', refused, fileOf({a: array([1], [0, 1], 'toString')}, 1), 'array "a" is of type "toString", expected F32, I32, U8');
test('a negative size', refused, fileOf({a: array([-1, -4], [0, 4])}, 4), 'array "a" has the shape [-1,-4], expected a list of sizes');
test('half a size', refused, fileOf({a: array([0.5, 8], [0, 4])}, 4), 'array "a" has the shape [0.5,8], expected a list of sizes');
test('a shape that is a number', refused, fileOf({a: array(4, [0, 4])}, 4), 'array "a" has the shape 4, expected a list of sizes');
test('a shape of more elements than can be counted', refused, fileOf({a: array([1e15, 1e15], [0, 4])}, 4), `array "a" has 4 bytes, but its shape [${1e15}, ${1e15}] says 1e+30`);
test('a shape that does not fit the bytes', refused, fileOf({a: array([3], [0, 4])}, 4), 'array "a" has 4 bytes, but its shape [3] says 3');
test('a number of bytes that is no multiple of the element size', refused, fileOf({a: array([1], [0, 6], 'F32')}, 6), 'array "a" has 6 bytes, but its shape [1] says 4');
test('an array beyond the end', refused, fileOf({a: array([4], [0, 4])}, 3), 'array "a" lies at bytes [0,4] of 3');
test('a negative offset', refused, fileOf({a: array([4], [-4, 0])}, 4), 'array "a" lies at bytes [-4,0] of 4');
test('an end before its start', refused, fileOf({a: array([4], [4, 0])}, 4), 'array "a" lies at bytes [4,0] of 4');
test('an array without offsets', refused, fileOf({a: {dtype: 'U8', shape: [1]}}, 1), 'array "a" lies at bytes nothing of 1');
test('an array that overlaps another', refused, fileOf({a: array([4], [0, 4]), b: array([4], [2, 6])}, 6), 'array "b" overlaps another one');
test('an array in the place of another', refused, fileOf({a: array([4], [0, 4]), b: array([4], [0, 4])}, 4), 'array "b" overlaps another one');
test('a hole between arrays', refused, fileOf({a: array([1], [0, 1]), b: array([1], [2, 3])}, 3), 'bytes 1 to 2 belong to no array');
test('a tail after the arrays', refused, fileOf({a: array([1], [0, 1])}, 3), 'bytes 1 to 3 belong to no array');
test('a name that is there twice', refused, fileOf(Buffer.from(`{"a":${JSON.stringify(array([1], [0, 1]))},"a":${JSON.stringify(array([1], [1, 2]))}}`), 2), 'bytes 0 to 1 belong to no array');

test('a file cut anywhere is refused', t => {
	const bytes = Uint8Array.from(encoded(everything));
	for (let length = 0; length < bytes.length; length++) {
		t.throws(() => decodeSafetensors(bytes.subarray(0, length)), {instanceOf: RangeError, message: /^Not a valid safetensors file: /});
	}
});

test('a file with random damage is read or refused, and nothing else', t => {
	const bytes = Uint8Array.from(encoded(everything));
	const stream = randomStream('damage');
	for (let round = 0; round < 2000; round++) {
		const damaged = Uint8Array.from(bytes);
		for (let flip = 0; flip < 1 + (round % 4); flip++) {
			damaged[stream.integer(damaged.length)]! ^= 1 << stream.integer(8);
		}

		try {
			decodeSafetensors(damaged);
		} catch (error) {
			if (!(error instanceof RangeError && error.message.startsWith('Not a valid safetensors file: '))) {
				throw error;
			}
		}
	}

	t.pass();
});
