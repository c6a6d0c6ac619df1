import type {Static, TObject} from '@sinclair/typebox';
import type {AnyArtifactType, ByteSource, OutlineOf, ValueOf} from './artifact.ts';
import type {ScratchFile} from './scratch-files.ts';

/** One file of a file set. */
export type SourceFile = {
	/** Path relative to the root of its set, with `/` between folders. */
	readonly path: string;
	readonly sizeBytes: number;
	/** Digest of the file's bytes. */
	readonly digest: string;
};

/** Files from outside the pipeline; their bytes are part of the fingerprint of every stage that reads them. */
export type FileSet = {
	/** Absolute path of the folder on this machine; not hashed, so moving the folder keeps results fresh. */
	readonly root: string;
	/** Sorted by path. */
	readonly files: readonly SourceFile[];
};

/** One file from outside the pipeline; its name and bytes are part of the fingerprint of every stage that reads it. */
export type InputFile = {
	/** Absolute path on this machine; its folder is not hashed, so moving the file keeps results fresh. */
	readonly path: string;
	readonly sizeBytes: number;
	/** Digest of the file's bytes. */
	readonly digest: string;
};

/** Input declaration: files from outside the pipeline. */
export type FilesInput = {readonly input: 'files'};

/** Input declaration: one file from outside the pipeline. */
export type FileInput = {readonly input: 'file'};

/** Input declaration: one artifact per variant, as a record from variant name to value. */
export type EachInput<Type extends AnyArtifactType> = {readonly input: 'each'; readonly type: Type};

/** What an input may be declared as. */
export type InputDeclaration = AnyArtifactType | FilesInput | FileInput | EachInput<AnyArtifactType>;

/** Declares an input that is a folder of files. */
export const files: FilesInput = {input: 'files'};

/** Declares an input that is one file. */
export const file: FileInput = {input: 'file'};

/** Declares an input that collects one artifact from every variant. */
export function each<Type extends AnyArtifactType>(type: Type): EachInput<Type> {
	return {input: 'each', type};
}

/** What `run` receives for an input declaration. */
export type InputValue<Declaration extends InputDeclaration> =
	Declaration extends FilesInput ? FileSet
		: Declaration extends FileInput ? InputFile
			: Declaration extends EachInput<infer Type> ? Readonly<Record<string, ValueOf<Type>>>
				: Declaration extends AnyArtifactType ? ValueOf<Declaration> : never;

/**
 * Reports that `done` of `total` units are finished, lets the process handle messages when it has computed for a while,
 * and throws when the run was cancelled. Long loops await it once per step.
 *
 * A loop that can go on from the middle also passes a function that gives its whole state as of now: plain objects, numbers, texts and typed
 * arrays. It is called only when a checkpoint is due, or the run was cancelled. `State` is `never` for loops that start from the beginning.
 */
export type OnStep<State = never> = (done: number, total: number, unit?: string, takeState?: () => State | Promise<State>) => Promise<void>;

/** What a loop that can go on from the middle gets: the state it was stopped in, and whom to report to. */
export type Resumable<State> = {
	readonly onStep: OnStep<State>;
	/** Absent when it starts from the beginning. Going on from here must give the same result, bit for bit. */
	readonly resume?: State | undefined;
};

/** Functions of a stage that threads call: each takes one job and gives its result, both of which are copied between threads. They keep nothing from job to job. */
export type ThreadFunctions = Readonly<Record<string, (job: any) => unknown>>;

/**
 * How a stage has its functions called in threads: with a function's name it gives that function many jobs, and gets their results in the order of the jobs.
 * A few jobs per thread are taken ahead of the result that is waited for, so that neither jobs nor results need the memory for all of them.
 * A job that fails throws its error at its place. When a thread dies all fail with a `UserError` `thread-died`, when the run is cancelled with a `CancelledError`.
 */
export type Threads<Functions extends ThreadFunctions> = {
	readonly [Name in keyof Functions]: (jobs: Iterable<Parameters<Functions[Name]>[0]>) => AsyncIterable<Awaited<ReturnType<Functions[Name]>>>;
};

/** No function at all. */
type NoFunctions = Readonly<Record<never, never>>;

/** What a stage may use besides its inputs and params. */
export type StageContext<State = never, Functions extends ThreadFunctions = NoFunctions> = Resumable<State> & {
	/** Seed derived from the run's seed and the node's seed name; feed it to `randomStream`. The only allowed source of randomness. */
	readonly seed: string;
	/** Name and version of what computes, and the device where results depend on it, such as `wasm 4.22.0`; empty for stages without a runtime. */
	readonly backend: string;
	/** Input name → digest of the artifact, or variant → digest; to say where a number comes from. */
	readonly digests: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
	/** Adds a line to the node's log. */
	readonly log: (message: string) => void;
	/** Aborted when the run is cancelled. */
	readonly signal: AbortSignal;
	/** Begins a file for what a stage assembles on the disk because it is too large for the memory; it is gone when the outputs are written. */
	readonly scratchFile: () => ScratchFile;
	/** Calls the stage's `threads`. */
	readonly threads: Threads<Functions>;
};

/** One way to compute, such as CUDA or WebAssembly. */
export type Backend = {
	readonly name: string;
	/** Npm package that provides it; its version is part of the fingerprint. */
	readonly package: string;
	/** Whether users install the package by themselves; then it is tried out before it is chosen. */
	readonly optional?: boolean;
	/** The command that installs the package, where `npm install` is not the way. */
	readonly install?: string;
	/** Whether nodes must have it to themselves, one at a time, as a GPU demands. */
	readonly exclusive?: boolean;
	/** Whether results depend on the device it computes on, which `use` names then: the device is part of the fingerprint, and asked for before every plan. */
	readonly dependsOnDevice?: boolean;
};

/** What a backend computes on. */
export type ComputingDevice = {
	/** Vendor, model and driver in words: all that another rounding may come from. */
	readonly name: string;
	/** Whether a processor stands in for it: then the backend is used only when it is asked for. */
	readonly isEmulated: boolean;
};

/** A library that computes for stages and has to be set up in the worker first. The engine knows no more about it. */
export type Runtime = {
	readonly name: string;
	/** Best first; the first one that is installed and works is used. The last must work everywhere. */
	readonly backends: readonly Backend[];
	/** Prepares the backend in this process, and names the device where results depend on it. Throws when it does not work here. */
	readonly use: (backend: string) => Promise<ComputingDevice | undefined> | Promise<void>;
	/** How many values the library holds: the same before and after a stage, or the stage leaks. */
	readonly liveValues: () => number;
};

/** What a stage would do, as far as can be told before it runs. */
export type Cost = {
	/** Additions and multiplications of real numbers, in networks only: two per multiply-accumulate. */
	readonly flops: number;
	/** Kind of work → how much of it. How long a unit of a kind takes is measured on each machine; see `Pipeline.speed`. */
	readonly work: Readonly<Record<string, number>>;
	/** What the memory is needed for → bytes, at the moment when most is needed. */
	readonly memory: Readonly<Record<string, number>>;
	/** What was taken for granted because it shows only later, as sentences. */
	readonly assumptions?: readonly string[];
	/** What to change where the memory is too small, given the bytes there are. */
	readonly advice?: (availableBytes: number) => string;
};

/** A folder as a cost may look at it; absent: it is not there. */
export type FolderOutline = (FileSet & {
	/** The text of one of its files. */
	readonly read: (path: string) => string;
}) | undefined;

/** A file as a cost may look at it; absent: it is not there. */
export type FileOutline = ByteSource | undefined;

/** What a cost knows of an input. */
export type InputOutline<Declaration extends InputDeclaration> =
	Declaration extends FilesInput ? FolderOutline
		: Declaration extends FileInput ? FileOutline
			: Declaration extends EachInput<infer Type> ? Readonly<Record<string, OutlineOf<Type>>>
				: Declaration extends AnyArtifactType ? OutlineOf<Declaration> : never;

/** A cost, and what the costs of later stages may know of the outputs. */
export type StageCost<Outputs extends Record<string, AnyArtifactType>> = Cost & {readonly outputs?: {readonly [Key in keyof Outputs]?: OutlineOf<Outputs[Key]>}};

/** A computation: named, typed inputs, params and outputs, and the function between them. */
export type Stage<
	Name extends string = string,
	Inputs extends Record<string, InputDeclaration> = Record<string, InputDeclaration>,
	Params extends TObject = TObject,
	Outputs extends Record<string, AnyArtifactType> = Record<string, AnyArtifactType>,
	/** What the stage saves and goes on from; only its own `run` looks inside. */
	State = any,
	Functions extends ThreadFunctions = any,
> = {
	/** Unique, kebab-case; part of the fingerprint, so renaming makes results stale. */
	readonly name: Name;
	readonly inputs: Inputs;
	/** JSON schema of the params slice; every property is documented there and nowhere else. */
	readonly params: Params;
	readonly outputs: Outputs;
	/** What the worker prepares before `run`, such as a tensor library; its code and backend are part of the fingerprint. */
	readonly runtime?: Runtime;
	/** Whether the stage draws random numbers: then the seed is part of the fingerprint. */
	readonly seeded?: boolean;
	/** What a run would cost, from sizes and params alone. It is no part of the stage's code: changing it makes no result stale. Absent: next to nothing. */
	readonly cost?: (inputs: {readonly [Key in keyof Inputs]: InputOutline<Inputs[Key]>}, params: Static<Params>) => StageCost<Outputs>;
	/** What `run` has called in threads by `context.threads`; the threads load the stage's own module, so this is part of the stage's code like `run`. */
	readonly threads?: Functions;
	readonly run: (
		inputs: {readonly [Key in keyof Inputs]: InputValue<Inputs[Key]>},
		params: Static<Params>,
		context: StageContext<State, Functions>,
	) => Promise<{readonly [Key in keyof Outputs]: ValueOf<Outputs[Key]>}> | {readonly [Key in keyof Outputs]: ValueOf<Outputs[Key]>};
};

/** A stage whatever its types, for the engine, which never looks inside; `any` because `run` consumes what the declarations produce. */
export type AnyStage = Stage<string, any, any, any>;

/**
 * Declares a stage; the types of `run` follow from the declarations. A stage that saves checkpoints says what is in them by the type of its context:
 * `async run(inputs, params, context: StageContext<State>)`.
 */
export function defineStage<
	const Name extends string,
	Inputs extends Record<string, InputDeclaration>,
	Params extends TObject,
	Outputs extends Record<string, AnyArtifactType>,
	State = never,
	Functions extends ThreadFunctions = NoFunctions,
>(stage: Stage<Name, Inputs, Params, Outputs, State, Functions>): Stage<Name, Inputs, Params, Outputs, State, Functions> {
	return stage;
}
