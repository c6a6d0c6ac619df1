import path from 'node:path';
import {encodeCheckpoint, readCheckpoint, writeCheckpoint, type Checkpoint} from './checkpoint.ts';
import {explainDiskError} from './disk-error.ts';

/** Where the checkpoint of a node is kept, and how often it is saved. */
export type CheckpointPlace = {
	/** In the folder `checkpoints` of the cache. */
	readonly file: string;
	/** Milliseconds of computing before the first checkpoint, and at least that much between two. */
	readonly afterMs: number;
};

export type CheckpointerOptions = {
	/** On the file system of the place, and this process's own. */
	readonly temporaryFile: string;
	/** Adds a line to the node's log. */
	readonly log: (line: string) => void;
	/** Milliseconds from any beginning. */
	readonly clock?: () => number;
	readonly write?: typeof writeCheckpoint;
};

/** The first checkpoint of a node that runs shorter would cost more than it is worth. */
export const defaultCheckpointAfterMs = 5000;

/** Saving takes at most this share of the time. */
const largestShare = 0.02;

/** Keeps the state of a stage that computes in this process: finds the last one, and saves the next ones when they are due. */
export class Checkpointer {
	readonly #place: CheckpointPlace;
	readonly #options: CheckpointerOptions;
	readonly #clock: () => number;
	readonly #startedMs: number;
	#savedMs: number;
	/** What saving took the last time. */
	#costMs = 0;
	#hasComplained = false;
	/** Where the stage goes on; absent when it starts from the beginning. */
	readonly resumed: Checkpoint | undefined;

	constructor(place: CheckpointPlace, options: CheckpointerOptions) {
		this.#place = place;
		this.#options = options;
		this.#clock = options.clock ?? (() => performance.now());
		this.#startedMs = this.#clock();
		this.#savedMs = this.#startedMs;
		this.resumed = this.#find();
	}

	/** Milliseconds that earlier processes computed for the state this one went on from. */
	get earlierMs(): number {
		return this.resumed?.computedMs ?? 0;
	}

	/** Whether the state is worth saving now. */
	isDue(): boolean {
		return this.#clock() - this.#savedMs >= Math.max(this.#place.afterMs, this.#costMs / largestShare);
	}

	/** Saves the state of now. What the disk refuses is logged once and harms nothing but a later resumption. */
	async save(position: Pick<Checkpoint, 'done' | 'total' | 'unit'>, takeState: () => unknown): Promise<void> {
		const beganMs = this.#clock();
		const {write = writeCheckpoint, temporaryFile} = this.#options;
		const chunks = encodeCheckpoint({...position, computedMs: this.earlierMs + (beganMs - this.#startedMs), state: await takeState()});
		try {
			write(this.#place.file, temporaryFile, chunks);
		} catch (error) {
			this.#complain(error);
		}

		this.#savedMs = this.#clock();
		this.#costMs = this.#savedMs - beganMs;
	}

	#find(): Checkpoint | undefined {
		const found = readCheckpoint(this.#place.file);
		switch (found.found) {
			case 'checkpoint': {
				const {unit, done, total} = found.checkpoint;
				this.#options.log(`resumed from ${unit} ${done} of ${total}`);
				return found.checkpoint;
			}

			case 'unusable': {
				this.#options.log(`warning: the checkpoint ${found.why}; the stage starts from the beginning`);
				return undefined;
			}

			case 'nothing': {
				return undefined;
			}
		}
	}

	#complain(error: unknown): void {
		if (this.#hasComplained) {
			return;
		}

		this.#hasComplained = true;
		const {message} = explainDiskError(error, path.dirname(path.dirname(this.#place.file))) as Error;
		this.#options.log(`warning: no checkpoint could be saved: ${message}; the stage goes on without`);
	}
}
