import * as tf from '@tensorflow/tfjs-core';
import {backendName} from './load.ts';
import {release, runProgram} from './program.ts';

/** Programs that work on one result at the same time, at most. */
const mostParts = 256;

/** Numbers that a program takes at least: with fewer, starting it takes longer. */
const fewestNumbers = 16;

/** How a tensor lies around the numbers that are reduced to one: [outer, size, inner]. */
type Layout = {readonly outer: number; readonly size: number; readonly inner: number};

/** How two numbers become one, in the shading language. */
type Kind = {readonly name: string; readonly combine: (result: string, value: string) => string};

const sum: Kind = {name: 'Sum', combine: (result, value) => `${result} + ${value}`};

const max: Kind = {name: 'Max', combine: (result, value) => `max(${result}, ${value})`};

const min: Kind = {name: 'Min', combine: (result, value) => `min(${result}, ${value})`};

export type Reduction = Layout & {
	/** Tells values apart. */
	readonly name: string;
	readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
	readonly kind?: Kind;
	/** What is reduced: an expression of `at`, the place in the tensor, and `column`, that in the inner axes. */
	readonly value: string;
	/** What the result is multiplied with. */
	readonly factor?: number;
};

/**
 * [outer, inner], in two passes and always in the same order. Neighbouring programs read neighbouring numbers, wherever the reduced axes are; the backend
 * would move them to the end first, and have as many groups of programs at work as there are results.
 */
export function reduce({name, inputs, outer, size, inner, kind = sum, value, factor = 1}: Reduction): tf.TensorInfo {
	const parts = Math.max(1, Math.min(mostParts, Math.ceil(size / fewestNumbers)));
	const pass = (passName: string, options: {readonly inputs: Reduction['inputs']; readonly size: number; readonly parts: number; readonly value: string; readonly factor: number}) => runProgram({
		name: `${kind.name}${passName}`,
		inputs: options.inputs,
		outputShape: [outer, options.parts, inner],
		uniforms: {length: {i32: options.size}, inner: {i32: inner}, parts: {i32: options.parts}, factor: {f32: options.factor}},
		body: `
			let column = index % uniforms.inner;
			let part = (index / uniforms.inner) % uniforms.parts;
			let start = (index / (uniforms.inner * uniforms.parts)) * uniforms.length;
			var at = (start + part) * uniforms.inner + column;
			var result = ${options.value};
			for (var step = part + uniforms.parts; step < uniforms.length; step += uniforms.parts) {
				at = (start + step) * uniforms.inner + column;
				result = ${kind.combine('result', options.value)};
			}

			return result * uniforms.factor;
		`,
	});
	if (parts === 1) {
		return shaped(pass(`Of${name}`, {inputs, size, parts, value, factor}), [outer, inner]);
	}

	const partial = pass(`Of${name}`, {inputs, size, parts, value, factor: 1});
	const result = pass('OfParts', {inputs: {partial}, size: parts, parts: 1, value: 'partial[at]', factor});
	release(partial);
	return shaped(result, [outer, inner]);
}

/** The layout of a tensor whose last axis stays: a matrix of rows that are reduced to one. */
export function rowsOf({shape}: tf.TensorInfo): Layout {
	const inner = shape.at(-1)!;
	return {outer: 1, size: tf.util.sizeFromShape(shape) / inner, inner};
}

/** Reductions of numbers along neighbouring axes; what else there is goes to the backend's own kernels. */
export const reductions: readonly tf.KernelConfig[] = [
	{kernelName: tf.Sum, kind: sum, isMean: false},
	{kernelName: tf.Mean, kind: sum, isMean: true},
	{kernelName: tf.Max, kind: max, isMean: false},
	{kernelName: tf.Min, kind: min, isMean: false},
].map(({kernelName, kind, isMean}) => {
	const own = tf.getKernel(kernelName, backendName);
	return {
		kernelName,
		backendName,
		kernelFunc(call) {
			const x = call.inputs.x!;
			const attributes = call.attrs as {readonly axis?: number | number[]; readonly reductionIndices?: number | number[]; readonly keepDims?: boolean};
			const axes = tf.util.parseAxisParam(attributes.axis ?? attributes.reductionIndices!, x.shape).toSorted((a, b) => a - b);
			const layout = layoutOf(x.shape, axes);
			if (x.dtype !== 'float32' || !layout) {
				return own.kernelFunc(call);
			}

			const result = reduce({name: 'Values', inputs: {x}, ...layout, kind, value: 'x[at]', factor: isMean ? 1 / layout.size : 1});
			const kept = x.shape.flatMap((size, axis) => (axes.includes(axis) ? (attributes.keepDims ? [1] : []) : [size]));
			return shaped(result, kept);
		},
	};
});

/** Nothing where the axes are no neighbours, or nothing is reduced. */
function layoutOf(shape: readonly number[], axes: readonly number[]): Layout | undefined {
	const [first] = axes;
	if (first === undefined || axes.some((axis, index) => axis !== first + index) || shape.includes(0)) {
		return undefined;
	}

	const sizeOf = (part: readonly number[]) => tf.util.sizeFromShape([...part]);
	return {outer: sizeOf(shape.slice(0, first)), size: sizeOf(shape.slice(first, first + axes.length)), inner: sizeOf(shape.slice(first + axes.length))};
}

function shaped({dataId, dtype}: tf.TensorInfo, shape: number[]): tf.TensorInfo {
	return {dataId, shape, dtype};
}
