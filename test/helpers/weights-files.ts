import {Buffer} from 'node:buffer';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {fixture} from './tensors.ts';

/** Tensors of a file, as PyTorch converts them to float32. */
export type GoldenTensors = Readonly<Record<string, {readonly shape: readonly number[]; readonly data: readonly number[]}>>;

type Golden = {
	readonly good: ReadonlyArray<{readonly name: string; readonly zip: string; readonly old: string; readonly tensors: GoldenTensors; readonly wrapper?: string}>;
	readonly refused: ReadonlyArray<{readonly name: string; readonly global: string; readonly zip: string; readonly old: string}>;
} & Readonly<Record<
	'plain pickle' | 'plain hostile pickle' | 'hostile pickle of protocol 4' | 'program' | 'complex' | 'no tensors' | 'two state dicts' | 'single tensor' | 'not finite', string
>>;

/** Files that `test/fixtures/weights-files.py` made with PyTorch, in base64. */
export const weightsFiles = fixture<Golden>('weights-files.json');

export function bytesOf(base64: string): Buffer {
	return Buffer.from(base64, 'base64');
}

/** A folder for files of a test. */
export function makeFolder() {
	const folder = mkdtempSync(path.join(tmpdir(), 'weights-'));
	return {
		folder,
		/** Writes a file and says where it is. */
		write(name: string, bytes: Uint8Array | string): string {
			const file = path.join(folder, name);
			writeFileSync(file, bytes);
			return file;
		},
		[Symbol.dispose](): void {
			rmSync(folder, {recursive: true});
		},
	};
}
