import {Buffer} from 'node:buffer';
import {existsSync} from 'node:fs';
import process from 'node:process';
import test, {type ExecutionContext} from 'ava';
import {encodeSafetensors} from '../../artifacts/safetensors.ts';
import {randomStream} from '../../tensors/random.ts';
import {verifyStorages} from '../../weights/checksums.ts';
import {openTensorFile} from '../../weights/open.ts';
import {findStateDict} from '../../weights/state-dict.ts';
import {readTensor} from '../../weights/tensor-file.ts';
import {bytesOf, makeFolder, weightsFiles} from '../helpers/weights-files.ts';

/** The code that reading fails with, or the names of the tensors that were read. */
async function outcomeOf(file: string): Promise<string> {
	try {
		const opened = await openTensorFile(file);
		using _source = opened.source;
		const {tensors} = findStateDict(opened);
		verifyStorages(opened, new Set([...tensors.values()].map(({storage}) => storage)));
		for (const tensor of tensors.values()) {
			readTensor(opened, tensor);
		}

		return `read ${[...tensors.keys()].join(' ')}`;
	} catch (error) {
		return error instanceof Error && error.name === 'UserError' && 'code' in error ? String(error.code) : `a bug: ${String(error)}`;
	}
}

const {zip, old, tensors} = weightsFiles.good.find(({name}) => name === 'two small tensors')!;
const arrays = Object.fromEntries(Object.entries(tensors).map(([name, {shape, data}]) => [name, {shape, data: Float32Array.from(data)}]));
const containers: ReadonlyArray<readonly [name: string, bytes: Buffer]> = [
	['a zip archive', bytesOf(zip)],
	['an older file', bytesOf(old)],
	['a safetensors file', Buffer.concat([...encodeSafetensors({arrays, metadata: {format: 'pt'}})])],
];

/** Nothing was read, and no error but that of a user's file came out. */
const refusals = new Set(['weights-damaged', 'weights-format', 'weights-pickle', 'weights-type', 'weights-without-state-dict']);

for (const [name, bytes] of containers) {
	test(`refuses ${name} that is cut off, wherever it is`, async t => {
		using files = makeFolder();
		const outcomes = new Set<string>();
		for (let length = 0; length < bytes.length; length++) {
			outcomes.add(await outcomeOf(files.write('cut.pt', bytes.subarray(0, length))));
		}

		t.deepEqual([...outcomes].filter(outcome => !['weights-damaged', 'weights-format'].includes(outcome)), []);
	});

	test(`reads or refuses ${name} of which a byte is another one, and runs nothing`, async t => {
		using files = makeFolder();
		const stream = randomStream(`bytes of ${name}`);
		const changes = stream.uniforms(bytes.length, 1, 256);
		const outcomes = new Set<string>();
		for (const [position, change] of changes.entries()) {
			const changed = Buffer.from(bytes);
			changed[position]! ^= Math.min(255, Math.floor(change));
			outcomes.add(await outcomeOf(files.write('changed.pt', changed)));
		}

		t.deepEqual([...outcomes].filter(outcome => !refusals.has(outcome) && !outcome.startsWith('read ')), []);
		t.false(existsSync('EXECUTED'));
	});
}

/** A file of the older format around one pickle. */
function olderFile(pickle: Uint8Array): Buffer {
	const begin = bytesOf(old).indexOf(0x80, bytesOf(old).indexOf('type_sizes'));
	return Buffer.concat([bytesOf(old).subarray(0, begin), pickle]);
}

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const storage = (length: string) => `((X\u0007\0\0\0storagectorch\nFloatStorage\nX\u0001\0\0\u00000X\u0003\0\0\0cpu${length}tQ`;
const tensorOf = (length: string, shape: string) => latin1(`\u0080\u0002}(X\u0001\0\0\0wctorch._utils\n_rebuild_tensor_v2\n${storage(length)}K\0${shape}\u0089NtRu.`);

const hostile: ReadonlyArray<readonly [name: string, pickle: Uint8Array, outcome: string]> = [
	['nested a hundred thousand deep', Buffer.concat([latin1('\u0080\u0002'), Buffer.alloc(100_000, ']'), Buffer.alloc(99_999, 'a'), latin1('.')]), 'weights-damaged'],
	['with five million lists', Buffer.concat([latin1('\u0080\u0002'), Buffer.alloc(5_000_000, ']')]), 'weights-pickle'],
	['with a text of four gigabytes', latin1('\u0080\u0002X\u00FF\u00FF\u00FF\u00FFx.'), 'weights-damaged'],
	['with a text of 2^63 bytes', latin1('\u0080\u0004\u008D\0\0\0\0\0\0\0\u0080x.'), 'weights-damaged'],
	['with an integer of two gigabytes', latin1('\u0080\u0002\u008B\u00FF\u00FF\u00FF\u007Fx.'), 'weights-damaged'],
	['with a list that holds itself', latin1('\u0080\u0002]q\0h\0a}(X\u0001\0\0\0wh\0u.'), 'weights-damaged'],
	['with a value it never noted', latin1('\u0080\u0002j\u00FF\u00FF\u00FF\u00FF.'), 'weights-damaged'],
	['that takes from an empty stack', latin1('\u0080\u00020.'), 'weights-damaged'],
	['that calls a number', latin1('\u0080\u0002K\u0001)R.'), 'weights-damaged'],
	['that calls what is only a name', latin1('\u0080\u0002ctorch\nfloat32\n)R.'), 'weights-damaged'],
	['that sets the state of a function', latin1('\u0080\u0002ctorch._utils\n_rebuild_tensor_v2\n}b.'), 'weights-damaged'],
	['that names a function by what it computed', latin1('\u0080\u0004X\u0002\0\0\0osX\u0006\0\0\0system\u0093.'), 'weights-pickle'],
	['that makes an instance the old way', latin1('\u0080\u0002(ios\nsystem\n.'), 'weights-damaged'],
	['that asks for a registered extension', latin1('\u0080\u0002\u0082\u0001.'), 'weights-damaged'],
	['with a name without end', Buffer.concat([latin1('\u0080\u0002c'), Buffer.alloc(5000, 'x')]), 'weights-damaged'],
	['with a tensor larger than its storage', tensorOf('K\u0001', 'J\0\0\0\u007F\u0085K\u0001\u0085'), 'weights-damaged'],
	['with a tensor of 2^62 equal numbers', tensorOf('K\u0001', 'J\0\0\0\u0040J\0\0\0\u0040\u0086K\0K\0\u0086'), 'weights-damaged'],
	['with a tensor of negative size', tensorOf('K\u0001', 'J\u00FF\u00FF\u00FF\u00FF\u0085K\u0001\u0085'), 'weights-damaged'],
	['with a storage larger than the file', tensorOf('\u008A\u0005\0\0\0\0\u0001', 'K\u0001\u0085K\u0001\u0085'), 'weights-damaged'],
];

for (const [name, pickle, expected] of hostile) {
	test(`refuses a pickle ${name}`, async t => {
		using files = makeFolder();
		await refuses(t, files.write('hostile.pt', olderFile(pickle)), expected);
	});
}

async function refuses(t: ExecutionContext, file: string, expected: string) {
	const before = process.memoryUsage().rss;
	t.is(await outcomeOf(file), expected);
	// What is claimed goes into gigabytes; what the refusal takes does not.
	t.true(process.memoryUsage().rss - before < 1_000_000_000);
}

test('a list of pairs that is passed again and again makes one dict', async t => {
	using files = makeFolder();
	const pairs = `]q\u0001(${'(K\u0001K\u0002t'.repeat(1000)}e`;
	const calls = 'h\0h\u0002R0'.repeat(100_000);
	const pickle = latin1(`\u0080\u0002ccollections\nOrderedDict\nq\0${pairs}0h\u0001\u0085q\u0002${calls}N.`);
	t.is(await outcomeOf(files.write('pairs.pt', olderFile(pickle))), 'weights-damaged');
});
