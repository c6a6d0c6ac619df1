import * as tf from '@tensorflow/tfjs-core';
import {execute, type Attributes} from './operation.ts';

/** A variable inside the TensorFlow library, which its optimizers change in place. */
export type Resource = {
	/** What operations on the variable take as input; the variable goes with it. */
	readonly handle: tf.Tensor;
	assign(value: tf.Tensor): void;
	/** Its value at the moment, which belongs to the caller. */
	read(): tf.Tensor;
};

/** The library destroys a variable of this name with its last handle; others would share variables that have the same name. */
const anonymous = 'cd2c89b7-88b7-44c8-ad83-06c2a9158347';

const dtype: Attributes = {dtype: {type: 'float32'}};

export function resource(start: Float32Array, shape: number[]): Resource {
	const [handle] = execute('VarHandleOp', {...dtype, shape: {shape}, shared_name: {string: anonymous}, container: {string: ''}}, []);
	const assign = (value: tf.Tensor) => {
		execute('AssignVariableOp', dtype, [handle!, value], 0);
	};

	const value = tf.tensor(start, shape);
	assign(value);
	value.dispose();
	return {
		handle: tf.keep(handle!),
		assign,
		read: () => execute('ReadVariableOp', dtype, [handle!])[0]!,
	};
}
