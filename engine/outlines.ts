import {readFileSync, statSync} from 'node:fs';
import path from 'node:path';
import type {AnyArtifactType} from './artifact.ts';
import type {Digest} from './digest.ts';
import {listFolder} from './files.ts';
import type {InputRef, Node} from './graph.ts';
import {OpenedFiles} from './opened-files.ts';
import type {EachInput, FileOutline, FolderOutline} from './stage.ts';
import type {Result, Store} from './store.ts';

/** Output → what costs may know of it; what nobody can know before a run is absent. */
export type Outlines = Readonly<Record<string, unknown>>;

/** Tells what costs may know: of artifacts that exist, of folders and of files. Each is looked at once. */
export class OutlineReader {
	readonly #store: Store;
	readonly #known = new Map<string, unknown>();

	constructor(store: Store) {
		this.#store = store;
	}

	/** Of all outputs of a result. */
	ofResult({stage}: Node, {outputs}: Pick<Result, 'outputs'>): Outlines {
		const types = stage.outputs as Readonly<Record<string, AnyArtifactType>>;
		return Object.fromEntries(Object.entries(outputs).flatMap(([output, {digest}]) => {
			const outline = types[output] && this.ofArtifact(types[output], digest);
			return outline === undefined ? [] : [[output, outline] as const];
		}));
	}

	/** Nothing for a kind that has none, and for an artifact that is gone or damaged. */
	ofArtifact(type: AnyArtifactType, digest: Digest): unknown {
		if (!type.outline) {
			return undefined;
		}

		return this.#once(`${type.kind} ${digest}`, () => {
			using files = new OpenedFiles();
			try {
				const source = this.#store.open(digest, files);
				return type.outline!(type.open ? type.open(source) : type.decode(source.read(0, source.sizeBytes)));
			} catch {
				return undefined;
			}
		});
	}

	/** Nothing for a folder that is not there. Its files are not hashed. */
	ofFolder(root: string): FolderOutline {
		return this.#once(`folder ${root}`, () => {
			if (!statSync(root, {throwIfNoEntry: false})?.isDirectory()) {
				return undefined;
			}

			const files = listFolder(root).map(({path: relative, stats}) => ({path: relative, sizeBytes: Number(stats.size), digest: ''}));
			return {root, files, read: (name: string) => readFileSync(path.join(root, name), 'utf8')};
		}) as FolderOutline;
	}

	/** Nothing for a file that is not there. */
	ofFile(file: string): FileOutline {
		return this.#once(`file ${file}`, () => {
			const stats = statSync(file, {throwIfNoEntry: false});
			if (!stats?.isFile()) {
				return undefined;
			}

			return {
				sizeBytes: stats.size,
				read(start: number, end: number) {
					using files = new OpenedFiles();
					return files.open(file).read(start, end);
				},
			};
		}) as FileOutline;
	}

	#once(key: string, look: () => unknown): unknown {
		if (!this.#known.has(key)) {
			this.#known.set(key, look());
		}

		return this.#known.get(key);
	}
}

/** What the cost of a node may know of its inputs; nothing when it may not know one of them. */
export function inputOutlines({inputs}: Pick<Node, 'inputs'>, made: ReadonlyMap<Node, Outlines>, reader: OutlineReader): Outlines | undefined {
	const ofRef = (input: InputRef): unknown => {
		switch (input.ref) {
			case 'artifact': {
				return made.get(input.node)?.[input.output];
			}

			case 'each': {
				const each = Object.entries(input.variants).map(([variant, {node, output}]) => [variant, made.get(node)?.[output]] as const);
				return each.every(([, outline]) => outline !== undefined) ? Object.fromEntries(each) : undefined;
			}

			case 'folder': {
				return reader.ofFolder(input.path);
			}

			case 'file': {
				return reader.ofFile(input.path);
			}
		}
	};

	const known = Object.entries(inputs).map(([name, input]) => [name, input.ref, ofRef(input)] as const);
	// A folder or file may be missing, which the stage knows how to make good; an artifact may not.
	return known.every(([, ref, outline]) => outline !== undefined || ref === 'folder' || ref === 'file') ? Object.fromEntries(known.map(([name, , outline]) => [name, outline])) : undefined;
}

/** The same for an earlier result of a stage; nothing when it read files, or an input is gone. */
export function recordedOutlines({inputs: declared}: {readonly inputs: object}, {ingredients: {inputs}}: Pick<Result, 'ingredients'>, reader: OutlineReader): Outlines | undefined {
	const found: Record<string, unknown> = {};
	for (const [name, declaration] of Object.entries(declared as Record<string, AnyArtifactType | EachInput<AnyArtifactType> | {readonly input: 'files' | 'file'}>)) {
		const digest = inputs[name];
		const outline = !('input' in declaration) && typeof digest === 'string' ? reader.ofArtifact(declaration, digest) : undefined;
		if (outline === undefined) {
			return undefined;
		}

		found[name] = outline;
	}

	return found;
}
