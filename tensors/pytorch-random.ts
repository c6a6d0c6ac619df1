import {mersenneTwister} from './mersenne-twister.ts';

/** The random numbers of PyTorch's generator on the CPU after `torch.manual_seed(seed)`, to the last bit. */
export type PytorchStream = {
	/** `count` float32 values in [low, high) from 24 random bits each: `torch.empty(count).uniform_(low, high)`. Rounding may give `high` itself. */
	uniforms(count: number, low: number, high: number): Float32Array;
};

/** A linear layer as PyTorch initialises it. */
export type LinearWeights = {
	/** Row-major [outputs, inputs]. */
	readonly weight: Float32Array;
	/** [outputs]; empty for a layer without bias. */
	readonly bias: Float32Array;
};

/** @param seed - a whole number from 0 to 2³² − 1. @throws {RangeError} for any other seed. */
export function pytorchStream(seed: number): PytorchStream {
	const next = mersenneTwister(seed);
	return {
		uniforms(count, low, high) {
			const [from, range] = [Math.fround(low), Math.fround(Math.fround(high) - Math.fround(low))];
			// Product and sum are rounded once, together: PyTorch's kernels multiply and add in one instruction. The product is exact here.
			return Float32Array.from({length: count}, () => (((next() & 0xFF_FF_FF) / (2 ** 24)) * range) + from);
		},
	};
}

/** The weights of `torch.nn.Linear(inputs, outputs, bias)`: uniform in ±1/√inputs, first the weight, then the bias, if it has one. */
export function linearWeights(stream: PytorchStream, {inputs, outputs, hasBias = true}: {readonly inputs: number; readonly outputs: number; readonly hasBias?: boolean}): LinearWeights {
	const bound = 1 / Math.sqrt(inputs);
	// `kaiming_uniform_` with a = √5, whose gain √(2 / (1 + a²)) cancels the √3 of a uniform distribution but for rounding.
	const weightBound = Math.sqrt(3) * (Math.sqrt(2 / (1 + (Math.sqrt(5) ** 2))) / Math.sqrt(inputs));
	return {
		weight: stream.uniforms(inputs * outputs, -weightBound, weightBound),
		bias: hasBias ? stream.uniforms(outputs, -bound, bound) : new Float32Array(0),
	};
}
