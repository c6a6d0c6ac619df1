import * as tf from '@tensorflow/tfjs-core';
import type {PoolAttributes} from '../pool-attributes.ts';
import {backendName} from './load.ts';
import {runProgram} from './program.ts';

/**
 * Gradient of the maximum over windows: that of each window goes to its first largest number, as in PyTorch; the backend's own kernel gives it to the last.
 * Each number of the input looks at the windows it is in.
 */
export const maxPoolGradient: tf.KernelConfig = {
	kernelName: tf.MaxPoolGrad,
	backendName,
	kernelFunc({inputs, attrs}) {
		const {dy, input: x} = inputs as {dy: tf.TensorInfo; input: tf.TensorInfo};
		const {filterSize, strides, pad} = attrs as unknown as PoolAttributes;
		const {inHeight, inWidth, inChannels, outHeight, outWidth, filterHeight, filterWidth, strideHeight, strideWidth, padInfo: {top, left}} = tf.backend_util.computePool2DInfo(x.shape as [number, number, number, number], filterSize, strides, 1, pad);
		const sizes = {inHeight, inWidth, channels: inChannels, outHeight, outWidth, windowHeight: filterHeight, windowWidth: filterWidth, strideHeight, strideWidth, top, left};
		return runProgram({
			name: 'MaxPoolGradient',
			inputs: {x, dy},
			outputShape: x.shape,
			uniforms: Object.fromEntries(Object.entries(sizes).map(([name, i32]) => [name, {i32}])),
			body: `
				let channel = index % uniforms.channels;
				let pixel = index / uniforms.channels;
				let column = pixel % uniforms.inWidth;
				let row = (pixel / uniforms.inWidth) % uniforms.inHeight;
				let image = pixel / (uniforms.inWidth * uniforms.inHeight);
				let own = x[index];
				let firstRow = max(0, (row + uniforms.top - uniforms.windowHeight + uniforms.strideHeight) / uniforms.strideHeight);
				let lastRow = min(uniforms.outHeight - 1, (row + uniforms.top) / uniforms.strideHeight);
				let firstColumn = max(0, (column + uniforms.left - uniforms.windowWidth + uniforms.strideWidth) / uniforms.strideWidth);
				let lastColumn = min(uniforms.outWidth - 1, (column + uniforms.left) / uniforms.strideWidth);
				var sum = 0.0;
				for (var windowRow = firstRow; windowRow <= lastRow; windowRow++) {
					for (var windowColumn = firstColumn; windowColumn <= lastColumn; windowColumn++) {
						let startRow = windowRow * uniforms.strideHeight - uniforms.top;
						let startColumn = windowColumn * uniforms.strideWidth - uniforms.left;
						var isFirst = row < startRow + uniforms.windowHeight && column < startColumn + uniforms.windowWidth;
						for (var r = max(0, startRow); r < min(uniforms.inHeight, startRow + uniforms.windowHeight); r++) {
							for (var c = max(0, startColumn); c < min(uniforms.inWidth, startColumn + uniforms.windowWidth); c++) {
								let other = x[((image * uniforms.inHeight + r) * uniforms.inWidth + c) * uniforms.channels + channel];
								let isBefore = r < row || (r == row && c < column);
								if (other > own || (other == own && isBefore)) {
									isFirst = false;
								}
							}
						}

						if (isFirst) {
							sum += dy[((image * uniforms.outHeight + windowRow) * uniforms.outWidth + windowColumn) * uniforms.channels + channel];
						}
					}
				}

				return sum;
			`,
		});
	},
};
