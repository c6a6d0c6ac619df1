import * as tf from '@tensorflow/tfjs-core';

/** A computation of the GPU that finds each number of its output by itself. */
export type Program = {
	/** Shows in profiles, and tells programs apart: two of the same name have the same code. */
	readonly name: string;
	/** By the names under which the code finds them, as arrays of f32. At most 7. */
	readonly inputs: Readonly<Record<string, tf.TensorInfo>>;
	readonly outputShape: readonly number[];
	/** Numbers that the code finds as `uniforms.NAME`. */
	readonly uniforms: Readonly<Record<string, {readonly i32: number} | {readonly f32: number}>>;
	/** In WebGPU's shading language: the body of a function of `index: i32`, a place in the output, that returns an f32. */
	readonly body: string;
};

/** What the backend takes as a program, of which it keeps the compiled form under its key. */
type BackendProgram = {
	/** Its name is that of the program in profiles. */
	readonly constructor: {readonly name: string};
	readonly variableNames: readonly string[];
	readonly uniforms: string;
	readonly workgroupSize: readonly [number, number, number];
	readonly size: boolean;
	readonly outputShape: readonly number[];
	readonly dispatchLayout: {readonly x: readonly number[]};
	readonly dispatch: readonly [number, number, number];
	readonly shaderKey: string;
	readonly getUserCode: () => string;
};

type ProgramRunner = {
	runWebGPUProgram(program: BackendProgram, inputs: readonly tf.TensorInfo[], dtype: 'float32', uniforms: ReadonlyArray<{readonly type: 'int32' | 'float32'; readonly data: readonly number[]}>): tf.TensorInfo;
};

const threads = 64;

/** Runs a program on the WebGPU backend, which must be in use. The output is float32 and belongs to the caller. */
export function runProgram({name, inputs, outputShape, uniforms, body}: Program): tf.TensorInfo {
	const size = tf.util.sizeFromShape([...outputShape]);
	const program: BackendProgram = {
		constructor: {name},
		variableNames: Object.keys(inputs),
		uniforms: Object.entries(uniforms).map(([uniform, value]) => `${uniform} : ${'i32' in value ? 'i32' : 'f32'},`).join(' '),
		workgroupSize: [threads, 1, 1],
		size: true,
		outputShape,
		dispatchLayout: {x: outputShape.map((_, axis) => axis)},
		dispatch: [Math.ceil(size / threads), 1, 1],
		shaderKey: name,
		getUserCode: () => `
			fn valueAt(index: i32) -> f32 {
				${body}
			}

			fn main(index: i32) {
				if (index < uniforms.size) {
					setOutputAtIndex(index, valueAt(index));
				}
			}
		`,
	};
	return (tf.backend() as unknown as ProgramRunner).runWebGPUProgram(program, Object.values(inputs), 'float32', Object.values(uniforms).map(value => ('i32' in value ? {type: 'int32', data: [value.i32]} : {type: 'float32', data: [value.f32]})));
}

/** Frees a tensor that no caller will get. */
export function release({dataId}: tf.TensorInfo): void {
	tf.backend().disposeData(dataId);
}
