import {Type, type Static, type TSchema} from '@sinclair/typebox';
import {Value} from '@sinclair/typebox/value';
import type {WeightsSource} from '../artifacts/weights-source.ts';
import type {TensorFile} from './tensor-file.ts';

const size = Type.Integer({minimum: 1, maximum: 65_536});
const text = Type.String({maxLength: 1000});

const schemas = {
	architecture: text,
	imageShape: Type.Tuple([size, size, size]),
	bottleneck: Type.Object({noiseAtEvaluation: Type.Boolean()}),
	transformInput: Type.Boolean(),
};

const originSchema = Type.Object({
	file: text,
	sizeBytes: Type.Integer({minimum: 0}),
	sha256: Type.String({pattern: '^[0-9a-f]{64}$'}),
	container: text,
	wrapper: Type.Optional(text),
	strippedPrefix: text,
	dropped: Type.Array(text, {maxItems: 10_000}),
	elementTypes: Type.Array(text, {maxItems: 100}),
}, {additionalProperties: true});

/** What a file that this program wrote says of the classifier in it; of other files, nothing. */
export type SavedFacts = {
	readonly architecture?: string | undefined;
	readonly imageShape?: Static<typeof schemas.imageShape> | undefined;
	readonly bottleneck?: Static<typeof schemas.bottleneck> | undefined;
	readonly transformInput?: boolean | undefined;
	/** The file that this one was converted from, first of all. */
	readonly source?: WeightsSource | undefined;
};

/** Facts of another form than ours are left out: whoever wrote them meant something else. */
export function savedFacts({metadata}: Pick<TensorFile, 'metadata'>): SavedFacts {
	const known = <Schema extends TSchema>(name: string, schema: Schema) => checked(schema, Object.hasOwn(metadata, name) ? metadata[name] : undefined);
	const written = known('source', originSchema);
	const origin = written && 'convertedFrom' in written ? checked(originSchema, written.convertedFrom) : written;
	return {
		architecture: known('architecture', schemas.architecture),
		imageShape: known('imageShape', schemas.imageShape),
		bottleneck: known('bottleneck', schemas.bottleneck),
		transformInput: known('transformInput', schemas.transformInput),
		source: origin && originOf(origin),
	};
}

/** Its own properties alone. */
function originOf({file, sizeBytes, sha256, container, wrapper, strippedPrefix, dropped, elementTypes}: Static<typeof originSchema>): WeightsSource {
	return {file, sizeBytes, sha256, container, ...(wrapper !== undefined && {wrapper}), strippedPrefix, dropped, elementTypes};
}

function checked<Schema extends TSchema>(schema: Schema, value: unknown): Static<Schema> | undefined {
	return Value.Check(schema, value) ? value : undefined;
}
