import * as tf from '@tensorflow/tfjs-core';

/** Name of the backend, as TensorFlow.js registers it for both of its packages. */
export const backendName = 'tensorflow';

/** An attribute of an operation of the TensorFlow library, in the types that it tells apart. */
type Attribute =
	| {readonly type: tf.DataType}
	| {readonly bool: boolean}
	| {readonly float: number}
	| {readonly int: number | readonly number[]}
	| {readonly shape: readonly number[]}
	| {readonly string: string};

/** What `@tensorflow/tfjs-node` offers for calling the library. */
type NodeBackend = {
	readonly isUsingGpuDevice: boolean;
	readonly binding: Readonly<Record<`TF_${string}`, number>>;
	executeMultipleOutputs(name: string, attributes: object[], inputs: tf.TensorInfo[], outputs: number): tf.Tensor[];
};

const dataTypes: Readonly<Record<string, string>> = {float32: 'TF_FLOAT', int32: 'TF_INT32', bool: 'TF_BOOL'};

/** Calls an operation of the TensorFlow library by its name there. */
export function execute(name: string, attributes: Readonly<Record<string, Attribute>>, inputs: readonly tf.TensorInfo[], outputs = 1): tf.Tensor[] {
	const backend = tf.backend() as unknown as NodeBackend;
	return backend.executeMultipleOutputs(name, Object.entries(attributes).map(([attribute, value]) => ({name: attribute, ...encode(value, backend.binding)})), [...inputs], outputs);
}

/** Whether the library computes on a GPU. */
export function usesGpu(): boolean {
	return (tf.backend() as unknown as NodeBackend).isUsingGpuDevice;
}

/** Attributes as the library's C interface takes them. */
function encode(attribute: Attribute, binding: NodeBackend['binding']): {readonly type: number; readonly value: unknown} {
	if ('type' in attribute) {
		return {type: binding.TF_ATTR_TYPE!, value: binding[dataTypes[attribute.type] as `TF_${string}`]};
	}

	if ('bool' in attribute) {
		return {type: binding.TF_ATTR_BOOL!, value: attribute.bool};
	}

	if ('float' in attribute) {
		return {type: binding.TF_ATTR_FLOAT!, value: attribute.float};
	}

	if ('shape' in attribute) {
		return {type: binding.TF_ATTR_SHAPE!, value: attribute.shape};
	}

	return 'int' in attribute ? {type: binding.TF_ATTR_INT!, value: attribute.int} : {type: binding.TF_ATTR_STRING!, value: attribute.string};
}
