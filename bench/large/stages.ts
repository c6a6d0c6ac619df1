import {Type} from '@sinclair/typebox';
import {artifactType, jsonArtifact} from '../../engine/artifact.ts';
import {defineStage} from '../../engine/stage.ts';

/** Bytes that exist as a description until they are written. */
type Large = {readonly sizeBytes: number};

const chunkBytes = 1 << 20;

const large = artifactType({
	kind: 'large',
	extension: 'bin',
	* encode({sizeBytes}: Large) {
		const chunk = new Uint32Array(chunkBytes / 4);
		for (let offset = 0; offset < sizeBytes; offset += chunkBytes) {
			// Every chunk is another one, so that nothing can be left out.
			chunk.fill(offset / chunkBytes);
			yield new Uint8Array(chunk.buffer, 0, Math.min(chunkBytes, sizeBytes - offset));
		}
	},
	decode: ({length}): Large => ({sizeBytes: length}),
});

/** Writes an artifact piece by piece. */
export const written = defineStage({
	name: 'written',
	inputs: {},
	params: Type.Object({megabytes: Type.Integer({minimum: 1, description: 'Size of the artifact.'})}),
	outputs: {large},
	run: (_, {megabytes}) => ({large: {sizeBytes: megabytes * 1e6}}),
});

/** Reads it again. */
export const measured = defineStage({
	name: 'measured',
	inputs: {large},
	params: Type.Object({}),
	outputs: {sizeBytes: jsonArtifact<number>()('size')},
	run: ({large: {sizeBytes}}) => ({sizeBytes}),
});
