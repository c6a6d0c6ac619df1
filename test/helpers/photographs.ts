import {Buffer} from 'node:buffer';
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {listFolder} from '../../engine/files.ts';

/** A pixmap of one colour. */
export function pixmap(value: number, [width, height]: readonly [number, number] = [8, 8]): Buffer {
	return Buffer.concat([Buffer.from(`P6 ${width} ${height} 255\n`), Buffer.alloc(width * height * 3, value)]);
}

/** A temporary folder with files. */
export function makePhotographs(contents: Readonly<Record<string, Uint8Array | string>>) {
	const root = mkdtempSync(path.join(tmpdir(), 'photographs-'));
	for (const [name, content] of Object.entries(contents)) {
		mkdirSync(path.dirname(path.join(root, name)), {recursive: true});
		writeFileSync(path.join(root, name), content);
	}

	return {
		root,
		list: () => ({root, files: listFolder(root)}),
		[Symbol.dispose](): void {
			rmSync(root, {recursive: true, force: true});
		},
	};
}
