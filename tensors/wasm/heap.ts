import * as tf from '@tensorflow/tfjs-core';
import type {BackendWasm} from '@tensorflow/tfjs-backend-wasm';

/** A new float32 tensor of undefined contents. */
export function allocate(shape: number[]): tf.TensorInfo {
	return wasmBackend().makeOutput(shape, 'float32');
}

/**
 * The numbers of a float32 tensor, in place. Allocate every tensor before taking a view: an allocation may move the heap, which detaches all views.
 * Write only into tensors that were just allocated: the backend caches what it computed from older ones.
 */
export function view(tensor: tf.TensorInfo): Float32Array {
	return wasmBackend().typedArrayFromHeap(tensor) as Float32Array;
}

/** Where the numbers of a tensor begin on the heap, counted in float32 numbers. */
export function position({dataId}: tf.TensorInfo): number {
	return wasmBackend().getMemoryOffset(dataId) / 4;
}

/** The whole heap as float32 numbers; allocations detach it as they detach views. */
export function wholeHeap(): Float32Array {
	return new Float32Array((wasmBackend().wasm as unknown as {HEAPU8: Uint8Array}).HEAPU8.buffer);
}

/** Frees a tensor that `allocate` made and no caller will get. */
export function release({dataId}: tf.TensorInfo): void {
	wasmBackend().disposeData(dataId);
}

/** The WASM backend, which must be in use. */
export function wasmBackend(): BackendWasm {
	return tf.backend() as BackendWasm;
}

/** An allocated tensor as a tensor of the API, owned by the caller. */
export function adopt({dataId, shape, dtype}: tf.TensorInfo): tf.Tensor {
	return tf.engine().makeTensorFromTensorInfo({dataId, shape, dtype});
}
