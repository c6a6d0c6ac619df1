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
	readonly binding: Binding;
	/** The library's numbers of tensors; numbers that are still in JavaScript move there. */
	getInputTensorIds(tensors: readonly tf.TensorInfo[]): number[];
	createOutputTensor(output: Output): tf.Tensor;
};

type Binding = Readonly<Record<`TF_${string}`, number>> & {
	executeOp(name: string, attributes: Encoded, inputs: readonly number[], outputs: number): readonly Output[];
	createTensor(shape: readonly number[], type: number, values: Float32Array | Int32Array): number;
	deleteTensor(id: number): void;
};

/** What the library made. */
type Output = {readonly id: number; readonly dtype: number; readonly shape: readonly number[]};

/** Numbers inside the library that are no tensor of TensorFlow.js. */
export type Constant = {readonly id: number};

/** The attributes of an operation, by their names in the library. */
export type Attributes = Readonly<Record<string, Attribute>>;

type Encoded = ReadonlyArray<{readonly name: string; readonly type: number; readonly value: unknown}>;

const dataTypes: Readonly<Record<string, string>> = {float32: 'TF_FLOAT', int32: 'TF_INT32', bool: 'TF_BOOL'};

const encodings = new WeakMap<Attributes, Encoded>();

/** Calls an operation of the TensorFlow library by its name there. Attributes that are the same object as in an earlier call are encoded already. */
export function execute(name: string, attributes: Attributes, inputs: ReadonlyArray<tf.TensorInfo | Constant>, outputs = 1): tf.Tensor[] {
	const backend = tf.backend() as unknown as NodeBackend;
	let encoded = encodings.get(attributes);
	if (!encoded) {
		encoded = Object.entries(attributes).map(([attribute, value]) => ({name: attribute, ...encode(value, backend.binding)}));
		encodings.set(attributes, encoded);
	}

	const ids = inputs.map(input => ('dataId' in input ? backend.getInputTensorIds([input])[0]! : input.id));
	return backend.binding.executeOp(name, encoded, ids, outputs).map(output => backend.createOutputTensor(output));
}

/** Numbers for operations that are called again and again; they stay until they are released. */
export function constant(values: Float32Array | Int32Array, shape: readonly number[] = [values.length]): Constant {
	const {binding} = tf.backend() as unknown as NodeBackend;
	return {id: binding.createTensor(shape, values instanceof Int32Array ? binding.TF_INT32! : binding.TF_FLOAT!, values)};
}

/** Frees a constant. */
export function release({id}: Constant): void {
	(tf.backend() as unknown as NodeBackend).binding.deleteTensor(id);
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
