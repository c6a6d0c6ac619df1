import * as tf from '@tensorflow/tfjs-core';
import {batchNormTrainingGradientKernel, batchNormTrainingKernel} from '../batch-norm-kernels.ts';
import {allocate, position, release, view} from './heap.ts';
import {addAffinely, sumColumns, type ColumnSums} from './native.ts';

/** One pass over x for the moments, one for y. Moments are taken about the first row, so that no precision is lost when the mean is far from zero. */
export const batchNormTraining: tf.KernelConfig = {
	kernelName: batchNormTrainingKernel,
	backendName: 'wasm',
	kernelFunc({inputs, attrs}) {
		const x = inputs.x!;
		const epsilon = attrs!.epsilon as number;
		const {rows, columns} = matrixOf(x);
		const outputs = [allocate(x.shape), allocate([columns]), allocate([columns])] as const;
		const scratch = allocate([5, columns]);
		const [y, mean, variance] = outputs;
		const {sums, products} = columnSums({x: position(x), xOrigin: position(x), y: position(x), yOrigin: position(x), rows, columns}, scratch);
		const [values, scale, offset] = [view(x), view(inputs.scale!), view(inputs.offset!)];
		const [means, variances, coefficients] = [view(mean), view(variance), view(scratch)];
		for (let column = 0; column < columns; column++) {
			const shift = sums[column]! / rows;
			const centre = values[column]! + shift;
			const spread = Math.max(0, (products[column]! / rows) - (shift * shift));
			means[column] = centre;
			variances[column] = spread;
			const factor = scale[column]! / Math.sqrt(spread + epsilon);
			coefficients[column] = factor;
			coefficients[columns + column] = 0;
			coefficients[(2 * columns) + column] = offset[column]! - (centre * factor);
		}

		addAffinely({x: position(x), y: position(x), ...coefficientsAt(scratch, columns), rows, columns, result: position(y)});
		release(scratch);
		return [...outputs];
	},
};

/**
 * Backward pass (Ioffe and Szegedy 2015, section 3). With x̂ = (x − mean)·r, r = 1/√(variance + ε), m values per channel:
 * dx = γ·r·(dy − Σdy/m − x̂·Σ(dy·x̂)/m), dγ = Σ(dy·x̂), dβ = Σdy; dx is evaluated as a·dy + b·x + c with numbers a, b, c per channel.
 */
export const batchNormTrainingGradient: tf.KernelConfig = {
	kernelName: batchNormTrainingGradientKernel,
	backendName: 'wasm',
	kernelFunc({inputs, attrs}) {
		const x = inputs.x!;
		const dy = inputs.dy!;
		const epsilon = attrs!.epsilon as number;
		const {rows, columns} = matrixOf(x);
		const outputs = [allocate(x.shape), allocate([columns]), allocate([columns])] as const;
		const scratch = allocate([5, columns]);
		view(scratch).fill(0);
		const {sums, products} = columnSums({x: position(dy), xOrigin: position(scratch), y: position(x), yOrigin: position(inputs.mean!), rows, columns}, scratch);
		const [scale, mean, variance] = [view(inputs.scale!), view(inputs.mean!), view(inputs.variance!)];
		const [dScale, dOffset, coefficients] = [view(outputs[1]), view(outputs[2]), view(scratch)];
		for (let column = 0; column < columns; column++) {
			const inverse = 1 / Math.sqrt(variance[column]! + epsilon);
			const alongNormalized = products[column]! * inverse;
			dScale[column] = alongNormalized;
			dOffset[column] = sums[column]!;
			const a = scale[column]! * inverse;
			const b = -a * inverse * alongNormalized / rows;
			coefficients[column] = a;
			coefficients[columns + column] = b;
			coefficients[(2 * columns) + column] = (-a * sums[column]! / rows) - (b * mean[column]!);
		}

		addAffinely({x: position(dy), y: position(x), ...coefficientsAt(scratch, columns), rows, columns, result: position(outputs[0])});
		release(scratch);
		return [...outputs];
	},
};

function matrixOf({shape}: tf.TensorInfo) {
	const columns = shape.at(-1)!;
	return {rows: tf.util.sizeFromShape(shape) / columns, columns};
}

function coefficientsAt(scratch: tf.TensorInfo, columns: number) {
	const start = position(scratch);
	return {xFactor: start, yFactor: start + columns, offset: start + (2 * columns)};
}

/** Rows that are summed in float32 before the sums go to float64. */
const blockRows = 128;

/** Sums over all rows; the last two rows of `scratch` are overwritten. */
function columnSums({x, y, rows, columns, xOrigin, yOrigin}: Omit<ColumnSums, 'sums' | 'products'>, scratch: tf.TensorInfo) {
	const totals = {sums: new Float64Array(columns), products: new Float64Array(columns)};
	const sums = position(scratch) + (3 * columns);
	const parts = view(scratch).subarray(3 * columns);
	for (let row = 0; row < rows; row += blockRows) {
		sumColumns({
			x: x + (row * columns),
			xOrigin,
			y: y + (row * columns),
			yOrigin,
			rows: Math.min(blockRows, rows - row),
			columns,
			sums,
			products: sums + columns,
		});
		for (let column = 0; column < columns; column++) {
			totals.sums[column]! += parts[column]!;
			totals.products[column]! += parts[columns + column]!;
		}
	}

	return totals;
}
