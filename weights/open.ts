import path from 'node:path';
import {UserError} from '../engine/error.ts';
import {openBytes, type ByteSource} from './byte-source.ts';
import {openPytorchLegacy} from './pytorch-legacy.ts';
import {openPytorchZip} from './pytorch-zip.ts';
import {openSafetensors, startsLikeSafetensors} from './safetensors-file.ts';
import type {TensorFile} from './tensor-file.ts';

/**
 * Opens a file of tensors by what is in it, whatever its name: checkpoints are called .pt, .pth, .pkl, .bin and .tar alike. Nothing of it runs.
 * The caller closes its source.
 *
 * @throws {UserError} when there is none, or it is damaged, of another kind, or not a state dict
 */
export async function openTensorFile(file: string): Promise<TensorFile> {
	const source = openBytes(path.resolve(file));
	try {
		return await openSource(source);
	} catch (error) {
		source[Symbol.dispose]();
		throw error;
	}
}

const tarMark = {position: 257, text: 'ustar'} as const;

const headBytes = tarMark.position + tarMark.text.length;

async function openSource(source: ByteSource): Promise<TensorFile> {
	const head = new Uint8Array(Math.min(headBytes, source.sizeBytes));
	source.read(head, 0);
	const text = String.fromCodePoint(...head);
	if (text.startsWith('PK')) {
		return openPytorchZip(source);
	}

	if (startsLikeSafetensors(head)) {
		return openSafetensors(source);
	}

	// Protocols 2 to 5 begin with their number.
	if (head[0] === 0x80) {
		return openPytorchLegacy(source);
	}

	throw unknownFormat(source, text);
}

function unknownFormat({file, sizeBytes}: ByteSource, text: string): UserError {
	const [, what = undefined, hint = undefined] = kinds.find(([isKind]) => isKind(text)) ?? [];
	return new UserError('weights-format', `"${path.basename(file)}" is ${what ?? 'neither a PyTorch state dict nor a safetensors file'}`, {
		facts: {file, 'size in bytes': sizeBytes},
		hint: hint ?? 'Expected what torch.save(model.state_dict(), FILE) writes, or a safetensors file. A download that failed may have left part of it, or a web page.',
	});
}

/** Beginnings of files that are taken for weights, what they are, and what to do. */
const kinds: ReadonlyArray<readonly [isKind: (head: string) => boolean, what: string, hint: string]> = [
	[head => head === '', 'empty', 'Download or copy it again.'],
	[head => head.endsWith(tarMark.text), 'a tar archive', 'PyTorch wrote such files before version 0.1.10, and others pack several files so. Unpack it with "tar -xf FILE" and import the checkpoint inside; what PyTorch itself wrote, load with it and save again.'],
	[head => head.startsWith('\u001F\u008B'), 'compressed with gzip', 'Unpack it with "gunzip FILE" first.'],
	[head => head.startsWith('\u0089HDF'), 'an HDF5 file', 'Expected what torch.save(model.state_dict(), FILE) writes, or a safetensors file.'],
	[head => /^\s*<(?:!doctype|html)/i.test(head), 'a web page', 'The download gave a page, such as one that asks for a confirmation, rather than the file. Download it with a browser.'],
	[head => head.startsWith('version https://git-lfs'), 'a pointer of Git LFS rather than the file', 'Fetch it with "git lfs pull".'],
];
