import {encodeSafetensors} from '../artifacts/safetensors.ts';
import type {ImportedClassifier} from './import.ts';

/**
 * An imported classifier as a safetensors file, piece by piece: the weights under the names that they have in the model, in float32, and what is known of them. Whoever
 * imports it again needs to say nothing more. Python reads it too.
 */
export function encodeImported({classifier: {weights, ...facts}, source}: ImportedClassifier): Iterable<Uint8Array> {
	return encodeSafetensors({arrays: weights, metadata: {...facts, source}});
}
