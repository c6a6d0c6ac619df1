import {createRequire} from 'node:module';
import path from 'node:path';
import process from 'node:process';
import * as tf from '@tensorflow/tfjs-core';
import {UserError} from '../engine/error.ts';

/**
 * Ways to compute: `wasm` works wherever Node does; `tensorflow` and `tensorflow-gpu` use the TensorFlow library when its npm package is installed;
 * `cpu` is plain JavaScript, slow, for checking the others.
 */
export type BackendName = 'cpu' | 'wasm' | 'tensorflow' | 'tensorflow-gpu';

/** Npm package that provides each backend. */
export const backendPackages: Readonly<Record<BackendName, string>> = {
	cpu: '@tensorflow/tfjs-backend-cpu',
	wasm: '@tensorflow/tfjs-backend-wasm',
	tensorflow: '@tensorflow/tfjs-node',
	'tensorflow-gpu': '@tensorflow/tfjs-node-gpu',
};

/**
 * Makes a backend the one that computes in this process, and registers the gradients and kernels that TensorFlow.js lacks there.
 *
 * @throws {UserError} when the backend's package is not installed or does not work on this machine.
 */
export async function useBackend(name: BackendName): Promise<void> {
	await load(name);
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

	// Otherwise the first tensor prints an advertisement for another package.
	if (name === 'cpu') {
		(tf.backend() as {firstUse?: boolean}).firstUse = false;
	}
}

async function load(name: BackendName): Promise<void> {
	switch (name) {
		case 'cpu': {
			await import('@tensorflow/tfjs-backend-cpu');
			break;
		}

		case 'wasm': {
			await loadWasm();
			break;
		}

		case 'tensorflow':
		case 'tensorflow-gpu': {
			await loadOptional(name);
			break;
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

async function loadOptional(name: 'tensorflow' | 'tensorflow-gpu'): Promise<void> {
	// In a variable, because the package is optional and its types are not there.
	const packageName = backendPackages[name];
	try {
		await import(packageName);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND') {
			throw new UserError('backend-missing', `The backend "${name}" needs the package ${packageName}, which is not installed`, {
				hint: `Install it with "npm install --no-save ${packageName}@4.22", or choose the backend "wasm".`,
				cause: error,
			});
		}

		throw new UserError('backend-failed', `The package ${packageName} is installed but cannot be loaded`, {
			facts: {reason: error instanceof Error ? error.message.split('\n')[0]! : String(error)},
			hint: `Its native library is downloaded or built during installation: run "npm rebuild ${packageName}", or choose the backend "wasm".`,
			cause: error,
		});
	}
}
