import {UserError} from '../../engine/error.ts';
import type {GpuDevice, WebGpuBackend} from './gpu.ts';

/** What a device says when a buffer is larger than it can be; half as much may do. */
const tooLarge = /\bexceeds the max(?:imum)? \w*\s?(?:buffer|binding) size\b|\bis larger than the maximum (?:storage buffer )?binding size\b/i;

/**
 * WebGPU reports errors beside the calls that cause them, and computes on with zeros. Every number leaves the backend through `read`, which therefore
 * fails when anything went wrong before.
 *
 * @param name the device in words
 */
export function guard(backend: WebGpuBackend, device: GpuDevice, name: string): WebGpuBackend {
	let failure: Error | undefined;
	let isShort = false;
	device.addEventListener('uncapturederror', event => {
		// Otherwise Dawn prints it, too.
		event.preventDefault();
		const isMemory = event.error.constructor.name === 'GPUOutOfMemoryError' || tooLarge.test(event.error.message);
		failure ??= new Error(`${isMemory ? 'The GPU is out of memory' : 'Internal error: WebGPU refused a command'}: ${event.error.message.split('\n')[0]}`, {cause: event.error});
		isShort ||= isMemory;
	});
	void watchLoss(device, ({message}) => {
		failure = new UserError('gpu-lost', `The GPU stopped computing: ${name}`, {
			facts: {reason: message},
			hint: 'Run again, which goes on from the last checkpoint. If it happens again, look into the system\'s log for what the driver says, or choose another backend with --backend.',
		});
	});
	const {read, write} = backend;
	return Object.assign(backend, {
		async read(dataId: object) {
			try {
				const values = await read.call(backend, dataId);
				throwIfAny();
				return values;
			} catch (error) {
				throwIfAny();
				throw error;
			}
		},
		readSync(dataId: object) {
			const {values} = (backend as unknown as {tensorMap: {get(id: object): {values: unknown}}}).tensorMap.get(dataId);
			if (values === null || values === undefined) {
				throw new Error('Internal error: expected numbers that are in memory but they are on the GPU, which cannot be read without waiting');
			}

			return values;
		},
		write(values: unknown, shape: number[], dtype: string) {
			if (isShort) {
				isShort = false;
				freeUnused(backend);
			}

			return write.call(backend, values, shape, dtype);
		},
	});

	function throwIfAny(): void {
		if (failure) {
			const error = failure;
			// A lost device stays lost; after anything else a smaller attempt may succeed.
			failure = error instanceof UserError ? error : undefined;
			throw error;
		}
	}
}

async function watchLoss({lost}: GpuDevice, onLoss: (loss: {readonly message: string}) => void): Promise<void> {
	onLoss(await lost);
}

/** Buffers that are kept for tensors to come take the memory that a smaller attempt needs, and some may never have got theirs. */
function freeUnused(backend: WebGpuBackend): void {
	backend.endComputePassEncoder();
	if (backend.commandEncoder) {
		backend.submitQueue();
	}

	const {bufferManager} = backend;
	for (const buffers of bufferManager.freeBuffers.values()) {
		for (const buffer of buffers.splice(0)) {
			bufferManager.numFreeBuffers--;
			bufferManager.numBytesAllocated -= buffer.size;
			buffer.destroy();
		}
	}
}
