import {canonicalJson} from './canonical-json.ts';

/**
 * What stages hand to each other. An artifact type names a kind of value and says how the value becomes bytes;
 * the kind is part of the TypeScript type, so a latent set cannot be wired where a classifier is expected.
 */
export type ArtifactType<Kind extends string, Value, Outline = unknown> = {
	/** Unique name of the kind, as shown by `pipeline show` and hashed into fingerprints. */
	readonly kind: Kind;
	/** File name extension of the exported bytes, without the dot. */
	readonly extension: string;
	/** The value as chunks of bytes. Equal values must give equal bytes; large values may be yielded piece by piece. */
	readonly encode: (value: Value) => Iterable<Uint8Array>;
	/** The inverse of `encode`. Throws when the bytes are not of this kind. */
	readonly decode: (bytes: Uint8Array) => Value;
	/** As `decode`, for an artifact that is a large file: what is read only when it is used need not fit into memory. Absent: such a file is read as a whole. */
	readonly open?: (source: ByteSource) => Value;
	/** A few lines for people, or absent when the kind has no text form. */
	readonly preview?: (value: Value) => string;
	/** Whether values may hold NaN and infinities; a stage that returns some fails otherwise. */
	readonly mayHoldNonFinite?: boolean;
	/** Metric → number, such as accuracies and losses, for `pipeline metrics`; absent when the kind tells none. */
	readonly numbers?: (value: Value) => Readonly<Record<string, number>>;
	/** What the costs of stages depend on, such as how many images there are; absent when no cost depends on artifacts of this kind. */
	readonly outline?: (value: Value) => Outline;
};

/** The bytes of an artifact, wherever they are. */
export type ByteSource = {
	readonly sizeBytes: number;
	/** The bytes from `start` up to `end`; a copy or a view. */
	readonly read: (start: number, end: number) => Uint8Array;
};

/** An artifact type whatever its value, for the engine, which never looks inside; `any` because values are both consumed and produced. */
export type AnyArtifactType = ArtifactType<string, any, any>;

/** The value an artifact type describes. */
export type ValueOf<Type extends AnyArtifactType> = Type extends ArtifactType<string, infer Value> ? Value : never;

/** What is known of an artifact before it exists, for costs. */
export type OutlineOf<Type extends AnyArtifactType> = Type extends ArtifactType<string, any, infer Outline> ? Outline : never;

/** Declares a kind of artifact. */
export function artifactType<const Kind extends string, Value, Outline = unknown>(type: ArtifactType<Kind, Value, Outline>): ArtifactType<Kind, Value, Outline> {
	return type;
}

/** Declares a kind of artifact that is stored as canonical UTF-8 JSON. */
export function jsonArtifact<Value>() {
	return <const Kind extends string>(kind: Kind, options: Pick<ArtifactType<Kind, Value>, 'numbers' | 'preview'> = {}): ArtifactType<Kind, Value> => ({
		kind,
		extension: 'json',
		encode: value => [new TextEncoder().encode(canonicalJson(value))],
		decode: bytes => JSON.parse(new TextDecoder().decode(bytes)) as Value,
		...options,
	});
}

/** Declares a kind of artifact that is a text file, such as a page or a CSV table. */
export function textArtifact<const Kind extends string>(kind: Kind, extension: string): ArtifactType<Kind, string> {
	return {
		kind,
		extension,
		encode: value => [new TextEncoder().encode(value)],
		decode: bytes => new TextDecoder().decode(bytes),
	};
}
