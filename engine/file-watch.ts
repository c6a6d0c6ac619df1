import path from 'node:path';
import type {FSWatcher} from 'chokidar';
import {stampOf} from './bundle.cjs';

/** Files that changed together. */
export type Changes = {
	/** Absolute paths. */
	readonly files: readonly string[];
	/** When the first of them was noticed, by `performance.now()`. */
	readonly sinceMs: number;
};

/** What a pipeline was made from. Absolute paths. */
export type Followed = {
	readonly files: readonly string[];
	/** Folders of which every file counts. */
	readonly folders: readonly string[];
	/** Whether any source in the project counts, as when the pipeline cannot be loaded and what it lacks is unknown. */
	readonly isEverySource: boolean;
};

export type FileWatchOptions = {
	readonly root: string;
	/** Folders of what the pipeline writes. */
	readonly ignored: readonly string[];
	readonly onChange: (changes: Changes) => void;
};

/** A burst of saves has ended when nothing was saved for so long. */
const settledAfterMs = 20;

/** What never settles is looked at all the same. */
const burstLimitMs = 1000;

const isSource = (file: string) => /\.(?:[cm]?[jt]s|json)$/.test(file);

/**
 * Tells when files change. It watches folders, not single files, so that it does not matter how an editor saves: in place, by a new file of the same name, or by
 * removing the old file first.
 */
export class FileWatch implements AsyncDisposable {
	readonly #options: FileWatchOptions;
	#watcher: FSWatcher | undefined;
	#followed: Followed = {files: [], folders: [], isEverySource: false};
	#files = new Set<string>();
	#parents = new Set<string>();
	readonly #changed = new Set<string>();
	/** Changed file → its stamp when that was told. */
	readonly #told = new Map<string, string>();
	#sinceMs = 0;
	#timer: NodeJS.Timeout | undefined;

	private constructor(options: FileWatchOptions) {
		this.#options = options;
	}

	/** Begins to watch the project's folder; resolves when no later change is missed. */
	static async start(options: FileWatchOptions): Promise<FileWatch> {
		const {watch} = await import('chokidar');
		const fileWatch = new FileWatch(options);
		const watcher = watch(options.root, {ignoreInitial: true, ignored: (file, stats) => fileWatch.#isIgnored(path.resolve(file), stats?.isFile() ?? false)});
		fileWatch.#watcher = watcher;
		watcher.on('all', (_, file) => {
			fileWatch.#note(path.resolve(file));
		});
		// The library tells of a file at most once in 50 ms, and would keep quiet about the save of a formatter right after the editor's. What the system says is
		// never held back: it names a watched file, or an entry of a watched folder.
		watcher.on('raw', (_, name: string | null, options) => {
			const watched = path.resolve((options as {readonly watchedPath: string}).watchedPath);
			fileWatch.#note(name === null || path.basename(watched) === name ? watched : path.join(watched, name));
		});
		// A folder that may not be read, or one too many: what can be watched still is.
		watcher.on('error', () => undefined);
		await new Promise<void>(resolve => {
			watcher.once('ready', resolve);
		});
		return fileWatch;
	}

	/** Says which changes matter from now on. */
	follow(followed: Followed): void {
		// What is neither in the project nor a source was passed over when the project's folder was looked through.
		const outside = followed.files.filter(file => !this.#isInProject(file) || !isSource(file)).map(file => path.dirname(file));
		const added = [...outside, ...followed.folders].filter(folder => !this.#parents.has(folder));
		this.#followed = followed;
		this.#files = new Set(followed.files);
		this.#parents = new Set([...outside, ...followed.folders]);
		this.#watcher?.add([...new Set(added)]);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		clearTimeout(this.#timer);
		await this.#watcher?.close();
	}

	#isInProject(file: string): boolean {
		const {root, ignored} = this.#options;
		const segments = path.relative(root, file).split(path.sep);
		return isWithin(file, root) && !segments.some(segment => segment === 'node_modules' || segment.startsWith('.')) && !ignored.some(folder => isWithin(file, folder));
	}

	#isIgnored(file: string, isFile: boolean): boolean {
		if (this.#files.has(file) || this.#parents.has(file) || this.#isInFolder(file) || file === this.#options.root) {
			return false;
		}

		return !this.#isInProject(file) || (isFile && !isSource(file));
	}

	#isInFolder(file: string): boolean {
		return this.#followed.folders.some(folder => isWithin(file, folder));
	}

	#note(file: string): void {
		const isRelevant = this.#files.has(file) || this.#isInFolder(file) || (this.#followed.isEverySource && isSource(file));
		if (!isRelevant) {
			return;
		}

		const nowMs = performance.now();
		if (this.#changed.size === 0) {
			this.#sinceMs = nowMs;
		}

		this.#changed.add(file);
		clearTimeout(this.#timer);
		this.#timer = setTimeout(() => {
			this.#tell();
		}, Math.max(0, Math.min(settledAfterMs, this.#sinceMs + burstLimitMs - nowMs)));
	}

	/** The library and the system tell of the same save: once is enough. */
	#tell(): void {
		const stamps = [...this.#changed].map(file => [file, stampOf(file)] as const).filter(([file, stamp]) => this.#told.get(file) !== stamp);
		this.#changed.clear();
		for (const [file, stamp] of stamps) {
			this.#told.set(file, stamp);
		}

		if (stamps.length > 0) {
			this.#options.onChange({files: stamps.map(([file]) => file), sinceMs: this.#sinceMs});
		}
	}
}

function isWithin(file: string, folder: string): boolean {
	return file === folder || file.startsWith(folder.endsWith(path.sep) ? folder : `${folder}${path.sep}`);
}
