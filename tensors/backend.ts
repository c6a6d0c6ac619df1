import {createRequire} from 'node:module';
import path from 'node:path';
import process from 'node:process';
import * as tf from '@tensorflow/tfjs-core';
import {UserError} from '../engine/error.ts';
import type {ComputingDevice} from '../engine/stage.ts';

/**
 * Ways to compute: `wasm` works wherever Node does; `tensorflow` and `tensorflow-gpu` use the TensorFlow library where it was built or installed;
 * `webgpu` uses the GPU of any vendor where its packages were fetched; `cpu` is plain JavaScript, slow, for checking the others.
 */
export type BackendName = 'cpu' | 'wasm' | 'webgpu' | 'tensorflow' | 'tensorflow-gpu';

/** Npm package that provides each backend. */
export const backendPackages: Readonly<Record<BackendName, string>> = {
	cpu: '@tensorflow/tfjs-backend-cpu',
	wasm: '@tensorflow/tfjs-backend-wasm',
	webgpu: '@tensorflow/tfjs-backend-webgpu',
	tensorflow: '@tensorflow/tfjs-node',
	'tensorflow-gpu': '@tensorflow/tfjs-node-gpu',
};

/** What a user runs to get the backends that are not part of the project. */
export const nativeCommands = {
	webgpu: 'npm run native -- --webgpu',
	tensorflow: 'npm run native',
	'tensorflow-gpu': 'npm run native -- --gpu',
} as const satisfies Partial<Record<BackendName, string>>;

/**
 * Makes a backend the one that computes in this process, and registers the gradients and kernels that TensorFlow.js lacks there.
 *
 * @returns what it computes on, where its results depend on that.
 * @throws {UserError} when the backend's package is not installed or does not work on this machine.
 */
export async function useBackend(name: BackendName): Promise<ComputingDevice | undefined> {
	const device = await load(name);
	// Imported here because their tables name kernels of the library, which must not be loaded before something computes.
	const {registerGradients} = await import('./gradients/index.ts');
	registerGradients();
	const registered = name.startsWith('tensorflow') ? 'tensorflow' : name;
	if (!await tf.setBackend(registered)) {
		throw new UserError('backend-failed', `The backend "${name}" does not work on this machine`, {
			facts: {package: backendPackages[name]},
			hint: 'Choose another with --backend, or run "pipeline doctor".',
		});
	}

	if (name === 'wasm') {
		const {registerWasmKernels} = await import('./wasm/register.ts');
		registerWasmKernels();
	}

	if (registered === 'tensorflow') {
		const {registerTensorFlowKernels} = await import('./tensorflow/register.ts');
		registerTensorFlowKernels();
	}

	if (name === 'webgpu') {
		const {registerWebGpuKernels} = await import('./webgpu/register.ts');
		registerWebGpuKernels();
	}

	// Otherwise the first tensor prints an advertisement for another package.
	if (name === 'cpu') {
		(tf.backend() as {firstUse?: boolean}).firstUse = false;
	}

	return device;
}

/** Whether numbers can be read while a function computes, without waiting for them. A GPU behind WebGPU cannot do that. */
export function readsAtOnce(): boolean {
	return tf.getBackend() !== 'webgpu';
}

async function load(name: BackendName): Promise<ComputingDevice | undefined> {
	switch (name) {
		case 'cpu': {
			await import('@tensorflow/tfjs-backend-cpu');
			return undefined;
		}

		case 'wasm': {
			await loadWasm();
			return undefined;
		}

		case 'webgpu': {
			const {loadWebGpu} = await import('./webgpu/load.ts');
			return loadWebGpu(nativeCommands.webgpu);
		}

		case 'tensorflow':
		case 'tensorflow-gpu': {
			const {loadNative} = await import('./tensorflow/load.ts');
			await loadNative({name, packageName: backendPackages[name], command: nativeCommands[name], needsGpu: name === 'tensorflow-gpu'});
			return undefined;
		}
	}
}

async function loadWasm(): Promise<void> {
	const {setWasmPaths} = await import('@tensorflow/tfjs-backend-wasm');
	if (tf.findBackend('wasm')) {
		return;
	}

	const manifest = createRequire(import.meta.url).resolve(`${backendPackages.wasm}/package.json`);
	setWasmPaths(path.join(path.dirname(manifest), 'wasm-out', path.sep));
	// The threaded build needs web workers, which Node lacks.
	tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
	await withoutNewListeners(async () => tf.setBackend('wasm'));
}

/** Emscripten adds listeners that rethrow every uncaught error from a minified line of its own; they would hide where errors come from. */
async function withoutNewListeners(action: () => Promise<unknown>): Promise<void> {
	const events = ['uncaughtException', 'unhandledRejection'] as const;
	const before = events.map(event => new Set<unknown>(process.listeners(event as 'uncaughtException')));
	await action();
	for (const [index, event] of events.entries()) {
		for (const listener of process.listeners(event as 'uncaughtException')) {
			if (!before[index]!.has(listener)) {
				process.removeListener(event, listener);
			}
		}
	}
}
