import type {CheckpointPlace} from './checkpointer.ts';
import type {Digest} from './digest.ts';
import type {Ingredients} from './fingerprint.ts';
import {UserError} from './error.ts';
import type {PendingArtifact} from './store.ts';
import type {ComputingDevice, FileSet, InputFile} from './stage.ts';

/** How a worker gets one artifact. */
export type ArtifactSource = {readonly digest: Digest; readonly file: string} | {readonly digest: Digest; readonly bytes: Uint8Array};

/** How a worker gets one input. */
export type InputSource =
	| {readonly source: 'artifact'; readonly artifact: ArtifactSource}
	| {readonly source: 'each'; readonly variants: Readonly<Record<string, ArtifactSource>>}
	| {readonly source: 'files'; readonly files: FileSet}
	| {readonly source: 'file'; readonly file: InputFile};

/** One node for one worker. */
export type Job = {
	/** Compiled module of the stage: the one that was hashed. */
	readonly stageFile: string;
	readonly inputs: Readonly<Record<string, InputSource>>;
	/** Name of the backend to prepare. */
	readonly backend: string | null;
	/** Everything that determines the outputs; the stage may name what is in there. */
	readonly ingredients: Ingredients;
	/** Folder for large outputs, which the worker makes when it needs it; it writes nowhere else but to its checkpoint. */
	readonly folder: string;
	/** Absent when the node neither goes on from a checkpoint nor leaves one. */
	readonly checkpoint?: CheckpointPlace;
};

/** From the coordinator to a worker. */
export type Request = {readonly type: 'run'; readonly job: Job} | {readonly type: 'probe'; readonly stageFile: string; readonly backend: string} | {readonly type: 'cancel'};

/** An error as it crosses the process border. */
export type PlainError = {
	readonly name: string;
	readonly message: string;
	readonly stack?: string | undefined;
	readonly code?: string | undefined;
	readonly hint?: string | undefined;
	readonly facts?: Readonly<Record<string, string | number>> | undefined;
};

/** A small artifact is its bytes, a large one a file in the job's folder. */
export type WrittenArtifact = PendingArtifact;

/** What crosses the border of an error. */
export function toPlainError(error: unknown): PlainError {
	if (!(error instanceof Error)) {
		return {name: 'Error', message: String(error)};
	}

	// Stages are bundled with their own copy of the class, so the name tells, not the identity.
	const {code, hint, facts} = error as Partial<UserError>;
	return error.name === 'UserError'
		? {name: error.name, message: error.message, code, hint, facts}
		: {name: error.name, message: error.message, stack: error.stack, code: (error as NodeJS.ErrnoException).code};
}

/** The error that crossed. */
export function fromPlainError({name, message, stack, code, hint, facts}: PlainError): Error {
	return name === 'UserError' && code !== undefined
		? new UserError(code, message, {...(hint !== undefined && {hint}), ...(facts && {facts})})
		: Object.assign(new Error(message), {name, ...(stack !== undefined && {stack}), ...(code !== undefined && {code})});
}

/** From a worker to the coordinator. */
export type Reply =
	| {readonly type: 'ready'}
	| {readonly type: 'step'; readonly done: number; readonly total: number; readonly unit: string; readonly resumedFrom: number; readonly memoryBytes: number}
	| {readonly type: 'log'; readonly line: string}
	/** What the stage printed, cut anywhere. */
	| {readonly type: 'output'; readonly stream: 'stdout' | 'stderr'; readonly text: string}
	| {readonly type: 'done'; readonly outputs: Readonly<Record<string, WrittenArtifact>>; readonly earlierMs: number; readonly peakMemoryBytes: number; readonly memoryBytes: number}
	| {readonly type: 'probed'; readonly error: string | null; readonly device: ComputingDevice | null}
	| {readonly type: 'failed'; readonly error: PlainError; readonly damaged: Digest | null}
	| {readonly type: 'cancelled'};
