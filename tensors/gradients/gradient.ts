import * as tf from '@tensorflow/tfjs-core';

/** The derivative of a kernel. */
export type Gradient = {
	readonly kernel: string;
	/** Names of the inputs that `derive` receives first; `'all'` for kernels whose inputs are a list. */
	readonly inputs?: readonly string[] | 'all';
	/** Whether `derive` receives the output, after the inputs. */
	readonly output?: boolean;
	/** Input name → its gradient. Each function returns a new tensor handle, because the caller disposes of it. */
	readonly derive: (dy: tf.Tensor, saved: tf.Tensor[], attributes: Attributes) => Record<string, () => tf.Tensor>;
};

/** The attributes kernels are called with; each kernel has some of them, under TensorFlow.js's names. */
export type Attributes = {
	readonly alpha: number;
	readonly axis: number;
	readonly batchDims: number;
	readonly begin: number[];
	readonly clipValueMax: number;
	readonly clipValueMin: number;
	readonly dataFormat: 'NHWC' | 'NCHW';
	readonly dilations: number | number[];
	readonly dim: number;
	readonly dimRoundingMode: 'floor' | 'round' | 'ceil';
	readonly dims: number[];
	readonly exclusive: boolean;
	readonly filterSize: number[];
	readonly pad: 'valid' | 'same' | number;
	readonly paddings: ReadonlyArray<readonly [number, number]>;
	readonly perm: number[];
	readonly reductionIndices: number;
	readonly reps: readonly number[];
	readonly reverse: boolean;
	readonly size: number[];
	readonly strides: number[];
	readonly transposeA: boolean;
	readonly transposeB: boolean;
	readonly varianceEpsilon: number;
};

/** Registers a gradient, in place of any other for the kernel. */
export function register({kernel, inputs = [], output = false, derive}: Gradient): void {
	tf.registerGradient({
		kernelName: kernel,
		...(inputs === 'all' ? {saveAllInputs: true} : {inputsToSave: [...inputs]}),
		outputsToSave: [output],
		gradFunc: (dy, saved, attributes) => derive(dy as tf.Tensor, saved, attributes as unknown as Attributes),
	});
}

/** The sum over the axes along which a tensor of `shape` was broadcast, in that shape. */
export function unbroadcast(gradient: tf.Tensor, shape: number[]): tf.Tensor {
	if (tf.util.arraysEqual(gradient.shape, shape)) {
		return tf.clone(gradient);
	}

	const axes = tf.broadcast_util.getReductionAxes(shape, gradient.shape);
	return tf.reshape(axes.length > 0 ? tf.sum(gradient, axes) : gradient, shape);
}

/** 1 where the condition holds, 0 elsewhere. */
export function mask(condition: tf.Tensor): tf.Tensor {
	return tf.cast(condition, 'float32');
}
