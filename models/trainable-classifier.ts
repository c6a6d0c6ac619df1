import * as tf from '@tensorflow/tfjs-core';
import type {Classifier, Weights} from '../artifacts/classifier.ts';
import {batchNormTraining} from '../tensors/batch-norm.ts';
import {type Block, findArchitecture, planClassifier} from './architectures.ts';
import {
	applyBottleneck, passBottleneck, type BottleneckOutput, type RowStreams,
} from './bottleneck.ts';
import {
	applyLinear, batchNormEpsilon, paddingOf, pool, weightOf,
} from './layers.ts';

/** Share of a batch's moments in the moving moments, as PyTorch's momentum. */
const batchNormMomentum = 0.1;

/** What one batch says; all tensors belong to the caller. */
export type TrainingStep = {
	readonly loss: tf.Scalar;
	/** [n, numClasses] */
	readonly logits: tf.Tensor2D;
	/** By the names of the variables. */
	readonly gradients: Readonly<Record<string, tf.Tensor>>;
};

/** What a loss may look at besides the logits. */
export type ForwardPass = {
	/** Outputs of the hidden blocks of the architecture, first one first. */
	readonly hidden: readonly tf.Tensor4D[];
	/** Where the classifier has a bottleneck. */
	readonly bottleneck: BottleneckOutput | undefined;
};

/** A classifier in training mode: batch normalization uses the moments of the batch. */
export type TrainableClassifier = {
	/** Everything gradients change, by the names of the weights. */
	readonly variables: Readonly<Record<string, tf.Variable>>;
	/**
	 * One forward and backward pass; it also moves the moving moments. Images as `classifierInput` makes them. A bottleneck draws its noise from
	 * the streams, one per image; without them it passes its mean on.
	 */
	step(images: tf.Tensor4D, lossOf: (logits: tf.Tensor2D, pass: ForwardPass) => tf.Scalar, streams?: RowStreams): Promise<TrainingStep>;
	/** The weights of the moment. */
	snapshot(): Promise<Weights>;
	dispose(): void;
};

/** Mean and biased variance of a batch, and how many values they are of. */
type Moments = {readonly name: string; readonly mean: tf.Tensor1D; readonly variance: tf.Tensor1D; readonly count: number};

/** @throws {UserError} when there is no architecture of its name. */
export function trainableClassifier({architecture, imageShape, weights, bottleneck}: Classifier): TrainableClassifier {
	const plan = planClassifier(findArchitecture(architecture), imageShape);
	const moving = Object.fromEntries(Object.entries(weights).filter(([name]) => isMoment(name)).map(([name, {shape, data}]) => [name, {shape, data: Float32Array.from(data)}]));
	const variables = Object.fromEntries(Object.entries(weights).filter(([name]) => !isMoment(name)).map(([name, {shape, data}]) => [name, variableOf(shape, data)]));
	const variable = <Rank extends tf.Tensor>(name: string) => variables[name] as tf.Tensor as Rank;
	const linear = (name: string) => ({kernel: variable<tf.Tensor2D>(`${name}/kernel`), bias: variable<tf.Tensor1D>(`${name}/bias`)});

	const applyBlock = (x: tf.Tensor4D, block: Block, moments: Moments[]) => {
		const {name, stride, residual} = block;
		const convolved = tf.conv2d(x, variable<tf.Tensor4D>(`${name}/kernel`), stride, paddingOf(block));
		const {y, mean, variance} = batchNormTraining(convolved, variable(`${name}/scale`), variable(`${name}/offset`), batchNormEpsilon);
		moments.push({name, mean: tf.keep(mean), variance: tf.keep(variance), count: convolved.size / block.outputChannels});
		return tf.relu(residual ? tf.add<tf.Tensor4D>(y, x) : y);
	};

	const forward = (images: tf.Tensor4D, moments: Moments[], streams: RowStreams | undefined) => {
		const outputs: tf.Tensor4D[] = [];
		for (const block of plan.blocks) {
			outputs.push(applyBlock(outputs.at(-1) ?? images, block, moments));
		}

		const pooled = pool(outputs.at(-1) ?? images, plan.pooling);
		const features = plan.embeddingSize === undefined ? pooled : applyLinear(pooled, linear('embedding'));
		const passed = bottleneck && applyBottleneck(features, linear('bottleneck'));
		return {
			logits: applyLinear(passed ? passBottleneck(passed, streams) : features, linear('head')),
			pass: {hidden: outputs.filter((_, index) => plan.blocks[index]!.isHiddenLayer), bottleneck: passed},
		};
	};

	return {
		variables,
		async step(images, lossOf, streams) {
			const moments: Moments[] = [];
			const logits: tf.Tensor2D[] = [];
			const {value: loss, grads} = tf.variableGrads(() => {
				const {logits: output, pass} = forward(images, moments, streams);
				logits.push(tf.keep(output));
				return lossOf(output, pass);
			}, Object.values(variables));
			await absorb(moments, moving);
			return {loss, logits: logits[0]!, gradients: Object.fromEntries(Object.entries(variables).map(([name, {name: id}]) => [name, grads[id]!]))};
		},
		async snapshot() {
			const entries = Object.keys(weights).map(async name => {
				const {shape} = weightOf(weights, name);
				return [name, {shape, data: moving[name] ? Float32Array.from(moving[name].data) : await variables[name]!.data<'float32'>()}] as const;
			});
			return Object.fromEntries(await Promise.all(entries));
		},
		dispose() {
			tf.dispose(variables);
		},
	};
}

/** Moves the moving moments and frees those of the batch. The moving variance takes the unbiased one, as in PyTorch. */
async function absorb(moments: readonly Moments[], moving: Weights): Promise<void> {
	for (const {name, mean, variance, count} of moments) {
		const [means, variances] = [await mean.data<'float32'>(), await variance.data<'float32'>()];
		move(weightOf(moving, `${name}/movingMean`).data, means, 1);
		// A single value has no unbiased variance.
		move(weightOf(moving, `${name}/movingVariance`).data, variances, count / Math.max(1, count - 1));
		tf.dispose([mean, variance]);
	}
}

function move(moving: Float32Array, values: Float32Array, factor: number): void {
	for (const [index, value] of values.entries()) {
		moving[index] = ((1 - batchNormMomentum) * moving[index]!) + (batchNormMomentum * factor * value);
	}
}

function isMoment(name: string): boolean {
	return name.endsWith('/movingMean') || name.endsWith('/movingVariance');
}

function variableOf(shape: readonly number[], data: Float32Array): tf.Variable {
	const start = tf.tensor(data, [...shape]);
	const variable = tf.variable(start);
	start.dispose();
	return variable;
}
