import {constants, realpathSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import type {InputSource, Job} from './protocol.ts';
import {scratchFolderOf} from './scratch-files.ts';

/** One file that a call is about to touch. */
export type Access = {
	readonly kind: 'read' | 'write';
	/** Absolute path. */
	readonly file: string;
};

/** Where a stage may read and write. */
export type Bounds = {
	/** Absolute path of the project: the folder that holds `node_modules`. */
	readonly root: string;
	/** Whether the contents of a file may be used: whatever is outside the project, a package, or declared. */
	readonly isReadable: (file: string) => boolean;
	/** Whether a file may be made, changed or removed: the job's folder, and the system's folder for temporary files. */
	readonly isWritable: (file: string) => boolean;
};

/** Functions of `node:fs` that use contents → the positions of their paths. Looking whether a file exists is no use of it. */
const reading: Readonly<Record<string, readonly number[]>> = {
	readFile: [0], readdir: [0], opendir: [0], openAsBlob: [0], createReadStream: [0], copyFile: [0], cp: [0], link: [0],
};

/** Functions of `node:fs` that change something → the positions of their paths. */
const writing: Readonly<Record<string, readonly number[]>> = {
	writeFile: [0], appendFile: [0], createWriteStream: [0], truncate: [0], copyFile: [1], cp: [1], rename: [0, 1], link: [1], symlink: [1],
	mkdir: [0], mkdtemp: [0], rm: [0], rmdir: [0], unlink: [0], chmod: [0], lchmod: [0], chown: [0], lchown: [0], utimes: [0], lutimes: [0],
};

/** Names of the functions that take paths; each has a variant that ends in `Sync`, or one that returns a promise, or both. */
export const fileFunctions: readonly string[] = [...new Set(['open', ...Object.keys(reading), ...Object.keys(writing)])];

/** What a call of one of `fileFunctions` touches. Descriptors are not looked at: whoever opened them was. */
export function accessesOf(name: string, args: readonly unknown[]): readonly Access[] {
	const at = (kind: Access['kind'], positions: readonly number[] = []) => positions.flatMap(position => {
		const file = pathOf(args[position]);
		return file === undefined ? [] : [{kind, file}];
	});
	if (name === 'open') {
		return at(isWriting(args[1]) ? 'write' : 'read', [0]);
	}

	return hasDescriptor(name, args[1]) ? [] : [...at('read', reading[name]), ...at('write', writing[name])];
}

function pathOf(value: unknown): string | undefined {
	if (value instanceof URL) {
		return fileURLToPath(value);
	}

	if (value instanceof Uint8Array) {
		return path.resolve(new TextDecoder().decode(value));
	}

	return typeof value === 'string' ? path.resolve(value) : undefined;
}

/** Whether a stream is made of an open file, not of its path. */
function hasDescriptor(name: string, options: unknown): boolean {
	return name.startsWith('create') && typeof options === 'object' && options !== null && 'fd' in options && typeof options.fd === 'number';
}

/** Whether flags of `open` let more than read. */
function isWriting(flags: unknown): boolean {
	const {O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND} = constants;
	return typeof flags === 'number' ? (flags & (O_WRONLY | O_RDWR | O_CREAT | O_TRUNC | O_APPEND)) !== 0 : typeof flags === 'string' && /[wa+]/.test(flags);
}

/** What a job may read and write. */
export function boundsOf({stageFile, folder, inputs}: Job): Bounds {
	const root = projectOf(stageFile);
	const project = within([root]);
	// Only the folder around it stays the same from job to job, and is worth remembering.
	const own = startsWithAny([folder, scratchFolderOf(folder)].flatMap(file => namesOf(path.dirname(file)).map(parent => path.join(parent, path.basename(file)))));
	const declared = within(Object.values(inputs).flatMap(input => declaredBy(input)));
	const scratch = within([tmpdir()]);
	// Either may be inside the other; then the inner one counts.
	const isScratchInside = project(tmpdir());
	const isProject = (file: string) => project(file) && !(isScratchInside && scratch(file));
	return {
		root,
		isReadable: file => !isProject(file) || own(file) || declared(file) || file.includes(`${path.sep}node_modules${path.sep}`, root.length),
		isWritable: file => own(file) || (scratch(file) && !isProject(file)) || file.startsWith('/dev/'),
	};
}

/** Folders and files that an input lets a stage read; artifacts are handed over. */
function declaredBy(input: InputSource): readonly string[] {
	switch (input.source) {
		case 'files': {
			return [input.files.root];
		}

		case 'file': {
			return [input.file.path];
		}

		default: {
			return [];
		}
	}
}

/** Compiled stages are kept in the `node_modules` folder of their project. */
function projectOf(stageFile: string): string {
	return stageFile.slice(0, stageFile.lastIndexOf(`${path.sep}node_modules${path.sep}`));
}

/** Whether a path is in one of these folders, by their names or behind their links. */
function within(folders: readonly string[]): (file: string) => boolean {
	return startsWithAny(folders.flatMap(folder => namesOf(folder)));
}

function startsWithAny(folders: readonly string[]): (file: string) => boolean {
	return file => folders.some(folder => file === folder || file.startsWith(folder.endsWith(path.sep) ? folder : `${folder}${path.sep}`));
}

/** What a folder is called, and what it is called behind all links. */
function namesOf(folder: string): readonly string[] {
	const known = knownNames.get(folder);
	if (known) {
		return known;
	}

	const names = [...new Set([path.resolve(folder), realPathOf(folder)])];
	knownNames.set(folder, names);
	return names;
}

const knownNames = new Map<string, readonly string[]>();

/** The path without links, as Node names modules; the path itself where there is no such file. */
export function realNameOf(file: string): string {
	return namesOf(file).at(-1)!;
}

function realPathOf(file: string): string {
	try {
		return realpathSync.native(file);
	} catch {
		return path.resolve(file);
	}
}
