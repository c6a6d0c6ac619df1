import {Buffer} from 'node:buffer';
import path from 'node:path';
import test from 'ava';
import {encodeSafetensors} from '../../artifacts/safetensors.ts';
import type {UserError} from '../../engine/error.ts';
import {verifyStorages} from '../../weights/checksums.ts';
import {openTensorFile} from '../../weights/open.ts';
import {findStateDict} from '../../weights/state-dict.ts';
import {readTensor} from '../../weights/tensor-file.ts';
import {bytesOf, makeFolder, weightsFiles} from '../helpers/weights-files.ts';

/** All tensors of a file, in its order. */
async function readAll(file: string) {
	const opened = await openTensorFile(file);
	using _source = opened.source;
	const {tensors, wrapper} = findStateDict(opened);
	verifyStorages(opened, new Set([...tensors.values()].map(({storage}) => storage)));
	return {
		container: opened.container,
		wrapper,
		tensors: Object.fromEntries([...tensors].map(([name, tensor]) => [name, {shape: tensor.shape, data: [...readTensor(opened, tensor)]}])),
	};
}

for (const {name, zip, old, tensors, wrapper} of weightsFiles.good) {
	test(`reads what PyTorch reads: ${name}`, async t => {
		using files = makeFolder();
		t.deepEqual(await readAll(files.write('weights.pt', bytesOf(zip))), {container: 'PyTorch (zip)', wrapper, tensors});
		t.deepEqual(await readAll(files.write('weights.pth', bytesOf(old))), {container: 'PyTorch (before 1.6)', wrapper, tensors});
	});
}

test('reads the types that safetensors files have', async t => {
	const f16 = Uint8Array.from([0x00, 0x3C, 0x00, 0xC0]);
	const bf16 = Uint8Array.from([0x80, 0x3F, 0x00, 0xC0]);
	const i64 = new Uint8Array(new BigInt64Array([-3n, 2n ** 40n]).buffer);
	const header = JSON.stringify({
		__metadata__: {format: 'pt'},
		i: {dtype: 'I64', shape: [2], data_offsets: [0, 16]},
		h: {dtype: 'F16', shape: [2, 1], data_offsets: [16, 20]},
		b: {dtype: 'BF16', shape: [2], data_offsets: [20, 24]},
		o: {dtype: 'BOOL', shape: [2], data_offsets: [24, 26]},
	});
	const length = new Uint8Array(new BigUint64Array([BigInt(header.length)]).buffer);
	using files = makeFolder();
	const file = files.write('x.bin', Buffer.concat([length, Buffer.from(header), i64, f16, bf16, Uint8Array.from([1, 0])]));
	t.deepEqual(await readAll(file), {
		container: 'safetensors',
		wrapper: undefined,
		tensors: {
			i: {shape: [2], data: [-3, 2 ** 40]},
			h: {shape: [2, 1], data: [1, -2]},
			b: {shape: [2], data: [1, -2]},
			o: {shape: [2], data: [1, 0]},
		},
	});
});

test('reads what this program writes', async t => {
	using files = makeFolder();
	const arrays = {'block1/kernel': {shape: [2, 1], data: Float32Array.of(1.5, -2)}, n: {shape: [], data: Int32Array.of(7)}};
	const file = files.write('own.safetensors', Buffer.concat([...encodeSafetensors({arrays, metadata: {}})]));
	t.deepEqual((await readAll(file)).tensors, {'block1/kernel': {shape: [2, 1], data: [1.5, -2]}, n: {shape: [], data: [7]}});
});

/** What opening a file and looking for its state dict fails with. */
async function problemOf(file: string) {
	try {
		await readAll(file);
		return undefined;
	} catch (error) {
		const {name, code, message, facts, hint} = error as UserError;
		return {name, code, message, facts, hint};
	}
}

for (const {name, global, zip, old} of weightsFiles.refused) {
	test(`refuses a pickle that would run code: ${name}`, async t => {
		using files = makeFolder();
		for (const bytes of [zip, old]) {
			const file = files.write('weights.pt', bytesOf(bytes));
			const problem = await problemOf(file);
			t.is(problem?.code, 'weights-pickle');
			t.is(problem?.message, 'This is a pickle, but not that of a state dict: loading it would run code. Nothing was run');
			t.deepEqual(problem?.facts, {file, 'it names': global});
		}
	});
}

test('refuses plain pickles', async t => {
	using files = makeFolder();
	const problems = await Promise.all((['plain pickle', 'plain hostile pickle', 'hostile pickle of protocol 4'] as const)
		.map(async name => problemOf(files.write(`${name}.pkl`, bytesOf(weightsFiles[name])))));
	t.deepEqual(problems.map(problem => [problem?.code, (problem?.facts as Record<string, string>)['it names']]), [
		['weights-pickle', undefined],
		['weights-pickle', 'posix.system'],
		['weights-pickle', 'posix.system'],
	]);
});

test('says how to convert the pickle of StyleGAN2', async t => {
	using files = makeFolder();
	const problem = await problemOf(files.write('ffhq.pkl', Buffer.from('\u0080\u0003}q\0(X\u0001\0\0\0Gq\u0001ctorch_utils.persistence\n_reconstruct_persistent_obj\n', 'latin1')));
	t.is(problem?.hint, 'Pickles of StyleGAN2 hold source code. Convert it once where you trust it, with the official repository: save G_ema.state_dict() by torch.save.');
});

const kinds: ReadonlyArray<readonly [content: Uint8Array | string, code: string, message: string]> = [
	['', 'weights-format', '"x" is empty'],
	['<!DOCTYPE html><html>', 'weights-format', '"x" is a web page'],
	['version https://git-lfs.github.com/spec/v1\n', 'weights-format', '"x" is a pointer of Git LFS rather than the file'],
	[Uint8Array.of(0x1F, 0x8B, 8, 0), 'weights-format', '"x" is compressed with gzip'],
	[`${'\0'.repeat(257)}ustar\0`, 'weights-format', '"x" is a tar archive'],
	['hello', 'weights-format', '"x" is neither a PyTorch state dict nor a safetensors file'],
	[bytesOf(weightsFiles.program), 'weights-format', '"x" is a TorchScript program, not a state dict'],
	[bytesOf(weightsFiles.complex), 'weights-type', 'The file holds numbers of type "torch.ComplexFloatStorage", which cannot be imported'],
	[bytesOf(weightsFiles['no tensors']), 'weights-without-state-dict', '"x" holds no state dict'],
	[bytesOf(weightsFiles['two state dicts']), 'weights-without-state-dict', '"x" holds more than one state dict'],
	[bytesOf(weightsFiles['single tensor']), 'weights-without-state-dict', '"x" holds a single tensor, expected a state dict'],
	[Buffer.from('PK\u0005\u0006'.padEnd(22, '\0'), 'latin1'), 'weights-format', '"x" is a zip archive, not a state dict'],
];

for (const [content, code, message] of kinds) {
	test(`says what a file is that holds no weights: ${message}`, async t => {
		using files = makeFolder();
		const problem = await problemOf(files.write('x', content));
		t.like(problem, {name: 'UserError', code, message});
		t.true((problem?.hint?.length ?? 0) > 20);
	});
}

test('says that a file is missing, or a folder', async t => {
	using files = makeFolder();
	t.like(await problemOf(path.join(files.folder, 'nothing.pt')), {code: 'weights-missing', message: `The file "${path.join(files.folder, 'nothing.pt')}" does not exist`});
	t.like(await problemOf(files.folder), {code: 'weights-unreadable', message: `"${files.folder}" is not a file`});
});

test('notices a changed number of a zip archive', async t => {
	using files = makeFolder();
	const bytes = bytesOf(weightsFiles.good[3]!.zip);
	// Storages are aligned to 64 bytes, behind the pickle and the padding: the convolution's 432 bytes are the first long run without a zip header.
	const at = bytes.indexOf('archive/data/0FB') + 400;
	bytes[at]! ^= 1;
	const problem = await problemOf(files.write('x.pt', bytes));
	t.is(problem?.code, 'weights-damaged');
	t.regex(problem?.message ?? '', /^"x.pt" is damaged or incomplete: storage "0" has the checksum [\da-f]{8}, but the archive says [\da-f]{8}$/);
});
