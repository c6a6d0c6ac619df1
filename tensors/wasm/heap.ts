import type {TensorInfo} from '@tensorflow/tfjs-core';
import type {BackendWasm} from '@tensorflow/tfjs-backend-wasm';

/** What a kernel function is called with, on the WASM backend. */
export type KernelCall<Inputs extends string, Attributes> = {
	readonly inputs: Readonly<Record<Inputs, TensorInfo>>;
	readonly attrs: Attributes;
	readonly backend: BackendWasm;
};
