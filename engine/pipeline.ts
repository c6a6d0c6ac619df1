import type {Static, TObject, TProperties} from '@sinclair/typebox';
import type {AnyArtifactType, ArtifactType} from './artifact.ts';
import type {EachInput, FileInput, FilesInput, InputDeclaration, Stage} from './stage.ts';
import type {Node} from './graph.ts';

/** An output of a node, for wiring. */
export type Ref<Type extends AnyArtifactType> = {readonly ref: 'artifact'; readonly node: Node; readonly output: string; readonly type: Type};

/** The same output of every variant, for wiring into comparison stages. */
export type EachRef<Type extends AnyArtifactType> = {readonly ref: 'each'; readonly variants: Readonly<Record<string, Ref<Type>>>};

/** A folder of files outside the pipeline, for wiring. */
export type FolderRef = {readonly ref: 'folder'; readonly path: string};

/** A file outside the pipeline, for wiring. */
export type FileRef = {readonly ref: 'file'; readonly path: string};

export type AnyRef = Ref<AnyArtifactType>;

/** What may be wired to an input declaration; an artifact of another kind does not compile. */
export type WiringOf<Declaration extends InputDeclaration> =
	Declaration extends FilesInput ? FolderRef
		: Declaration extends FileInput ? FileRef
			: Declaration extends EachInput<infer Type> ? EachRef<Type>
				: Declaration extends ArtifactType<infer Kind, infer Value> ? Ref<ArtifactType<Kind, Value>> : never;

/** Adds a node to the graph: a stage bound to inputs and params. Equal bindings are one node. */
export type Add = <
	Name extends string,
	Inputs extends Record<string, InputDeclaration>,
	Params extends TObject,
	Outputs extends Record<string, AnyArtifactType>,
>(
	stage: Stage<Name, Inputs, Params, Outputs>,
	inputs: {readonly [Key in keyof Inputs]: WiringOf<Inputs[Key]>},
	params: Static<Params>,
	options?: AddOptions,
) => {readonly [Key in keyof Outputs]: Ref<Outputs[Key]>};

export type AddOptions = {
	/** Name of the node, and of its seed, where one stage does several jobs; the stage's name when absent. */
	readonly name?: string;
	/** Name of the seed alone, where nodes of different names draw the same numbers; the node's name when absent. */
	readonly seedName?: string;
};

/** What a pipeline's functions may use. */
export type Wiring<Params> = {
	readonly add: Add;
	/** A folder outside the pipeline; a relative path starts at the project's root. */
	readonly folder: (path: string) => FolderRef;
	/** A file outside the pipeline; a relative path starts at the project's root. */
	readonly file: (path: string) => FileRef;
	readonly params: Params;
};

/** What the comparison gets: params without any variant's patch, and the variants. */
export type Comparing<Params> = Wiring<Params> & {
	/** In the order of params.json. */
	readonly variants: ReadonlyArray<{readonly name: string; readonly patch: Readonly<Record<string, unknown>>; readonly params: Params}>;
};

/** What the analysis of a sweep gets: params without any point's patch, and the points. */
export type Sweeping<Params> = Wiring<Params> & {
	/** Key paths of the swept params; the points of a repeated sweep differ in `seed` too. */
	readonly paths: readonly string[];
	/** Points that have outputs, in the order of the sweep. */
	readonly points: Comparing<Params>['variants'];
	/** Points without outputs, because something they need failed. */
	readonly failed: Comparing<Params>['variants'];
};

/** The types of a params file: its slices and the seed. */
export type ParamsOf<Properties extends TProperties> = Static<TObject<Properties>> & {readonly seed: number};

/** What a pipeline delivers. */
export type Deliverables = {
	/** What a run brings up to date when no goal is named; text forms are printed at the end. */
	readonly goals: Readonly<Record<string, AnyRef>>;
	/** File name in the reports folder → the artifact that is copied there after a run. */
	readonly reports?: Readonly<Record<string, AnyRef>>;
	/** Further deliverables, by the name that a run asks for them with: what not everybody wants, or what takes long. */
	readonly onRequest?: Readonly<Record<string, Omit<Deliverables, 'onRequest'>>>;
};

/** An experiment: the schema of its params, the wiring of one variant, and what compares the variants. */
export type Pipeline<Properties extends TProperties = TProperties, Outputs extends Record<string, AnyRef> = Record<string, AnyRef>> = {
	/** One property per slice of params.json. */
	readonly params: Properties;
	/** Wires one variant; evaluated once per variant of params.json, or per point of a sweep. */
	readonly variant: (wiring: Wiring<ParamsOf<Properties>>) => Outputs;
	/** Wires what looks at all variants together. */
	readonly compare: (
		wiring: Comparing<ParamsOf<Properties>>,
		outputs: {readonly [Key in keyof Outputs]: EachRef<Outputs[Key]['type']>},
	) => Deliverables;
	/** Measures how fast this machine does each kind of work that costs count; absent: durations are told from what was recorded only. */
	readonly speed?: SpeedStage;
	/** Wires the analysis of a sweep; absent where `compare` does it, with the points as variants. */
	readonly sweep?: (
		wiring: Sweeping<ParamsOf<Properties>>,
		outputs: {readonly [Key in keyof Outputs]: EachRef<Outputs[Key]['type']>},
	) => Deliverables;
};

/** Declares a pipeline; the default export of `pipeline.ts`. */
export function definePipeline<Properties extends TProperties, Outputs extends Record<string, AnyRef>>(pipeline: Pipeline<Properties, Outputs>): Pipeline<Properties, Outputs> {
	return pipeline;
}

/** The same outputs of some of the variants. */
export function pick<Outputs extends Readonly<Record<string, EachRef<AnyArtifactType>>>>(outputs: Outputs, names: readonly string[]): Outputs {
	return Object.fromEntries(Object.entries(outputs).map(([key, {variants}]) =>
		[key, {ref: 'each', variants: Object.fromEntries(names.map(name => [name, variants[name]]))}])) as unknown as Outputs;
}

/** How fast a machine is. */
export type Speed = {
	/** Kind of work → seconds that a unit of it takes. */
	readonly secondsPer: Readonly<Record<string, number>>;
	/** Memory of a process that has not computed anything yet. */
	readonly processBytes: number;
	/** Memory that a process can compute with at most; absent: as much as there is. */
	readonly limitBytes?: number;
	/** Whether one node takes all cores by itself, so that two at a time take as long as one after the other; absent: not. */
	readonly usesAllCores?: boolean;
};

/** A stage without inputs and params whose output `speed` is a `Speed`. */
export type SpeedStage = Stage<string, Record<never, never>, TObject, {readonly speed: ArtifactType<string, Speed>}, never>;

/** A pipeline whatever its types, for the engine. */
export type AnyPipeline = {
	readonly params: TProperties;
	readonly speed?: SpeedStage;
	readonly variant: (wiring: Wiring<any>) => Record<string, AnyRef>;
	readonly compare: (wiring: Comparing<any>, outputs: any) => Deliverables;
	readonly sweep?: (wiring: Sweeping<any>, outputs: any) => Deliverables;
};
