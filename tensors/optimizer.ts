import * as tf from '@tensorflow/tfjs-core';

/** Gradients or weights by the names of the variables. */
export type Named<Tensor extends tf.Tensor> = Readonly<Record<string, Tensor>>;

/** Something that moves variables down their gradients, with its state. */
export type Optimizer<State> = {
	/**
	 * One step. Variables without a gradient stay as they are; the gradients remain the caller's.
	 *
	 * @throws {Error} when a gradient has no variable of its name, or another shape.
	 */
	update(variables: Named<tf.Variable>, gradients: Named<tf.Tensor>, learningRate: number): void;
	/** All that the next steps depend on besides the variables. */
	state(): Promise<State>;
	/** Frees the state. */
	dispose(): void;
};

/** The variable that a gradient belongs to. @throws {Error} when there is none of its name and shape. */
export function variableFor(name: string, variables: Named<tf.Variable>, {shape}: tf.Tensor): tf.Variable {
	const variable = variables[name];
	if (!variable || !tf.util.arraysEqual(variable.shape, shape)) {
		throw new Error(`Internal error: expected a variable "${name}" of shape [${shape.join(', ')}] but was ${variable ? `[${variable.shape.join(', ')}]` : 'absent'}`);
	}

	return variable;
}

/**
 * Weight decay as PyTorch's Adam and SGD compute it: an L2 penalty, whose gradient `decay`·w is added before the step. It moves only variables
 * that have a gradient.
 */
export function withWeightDecay<State>(optimizer: Optimizer<State>, decay: number): Optimizer<State> {
	return {
		...optimizer,
		update(variables, gradients, learningRate) {
			const decayed = tf.tidy(() => Object.fromEntries(Object.entries(gradients).map(([name, gradient]) =>
				[name, tf.add(gradient, tf.mul(variableFor(name, variables, gradient), decay))])));
			try {
				optimizer.update(variables, decayed, learningRate);
			} finally {
				tf.dispose(decayed);
			}
		},
	};
}
