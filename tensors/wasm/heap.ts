import * as tf from '@tensorflow/tfjs-core';
import type {BackendWasm} from '@tensorflow/tfjs-backend-wasm';

/** What the kernel that runs now has allocated. */
let allocated: tf.TensorInfo[] | undefined;

/** A new float32 tensor of undefined contents. @throws {Error} when the heap is full */
export function allocate(shape: number[]): tf.TensorInfo {
	const tensor = wasmBackend().makeOutput(shape, 'float32');
	allocated?.push(tensor);
	return tensor;
}

/** Runs a kernel that allocates; when it throws, what it allocated is freed, so that the same can be tried with less. */
export function freeingOnError<Value>(kernel: () => Value): Value {
	const outer = allocated;
	const own: tf.TensorInfo[] = [];
	allocated = own;
	try {
		return kernel();
	} catch (error) {
		for (const tensor of own) {
			release(tensor);
		}

		throw error;
	} finally {
		allocated = outer;
	}
}

/** The library, as far as it allocates. */
type Allocator = {_malloc(bytes: number): number; _free(address: number): void};

const watched = new WeakSet<Allocator>();

/**
 * Lets allocations fail when the heap is full. The library's allocator then returns 0, which TensorFlow.js takes for an address: tensors would lie over each
 * other and over what the library itself keeps at the beginning of the heap, and everything after that would be wrong without an error.
 */
export function refuseWhenFull(): void {
	const library = wasmBackend().wasm as unknown as Allocator;
	if (watched.has(library)) {
		return;
	}

	watched.add(library);
	// Its first call puts another function in its place.
	library._free(library._malloc(1));
	const {_malloc: allocateBytes} = library;
	library._malloc = bytes => {
		const address = allocateBytes(bytes);
		if (address === 0 && bytes !== 0) {
			throw new Error(`OOM when allocating ${bytes} bytes: WebAssembly addresses 4 GiB, and they are in use`);
		}

		return address;
	};
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
