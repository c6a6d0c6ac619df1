import {createRequire} from 'node:module';
import process from 'node:process';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import {UserError} from '../../engine/error.ts';
import {packageFolder} from '../../engine/installed.ts';
import {usesGpu} from './operation.ts';

/** A backend that uses the TensorFlow library. */
export type NativeBackend = {
	readonly name: string;
	readonly packageName: string;
	/** What a user runs to get it. */
	readonly command: string;
	/** Whether it is of use only with a GPU. */
	readonly needsGpu: boolean;
};

/**
 * Loads the package of a backend that uses the TensorFlow library: the one that `npm run native` built, or else the one that npm installed.
 *
 * @throws {UserError} when it is not installed, cannot be loaded, or finds no GPU where it needs one.
 */
export async function loadNative({name, packageName, command, needsGpu}: NativeBackend): Promise<void> {
	const folder = packageFolder(packageName, import.meta.dirname);
	if (folder === undefined) {
		throw new UserError('backend-missing', `The backend "${name}" needs the package ${packageName}, which is not installed`, {
			hint: `Install it with "${command}", or choose the backend "wasm".`,
		});
	}

	restoreRemovedFunctions();
	// Notes on instruction sets and on missing drivers, on every start; warnings and errors stay.
	process.env.TF_CPP_MIN_LOG_LEVEL ??= '1';
	// Left to itself, the library takes its fastest convolutions on some makes of processors only.
	process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';
	try {
		createRequire(import.meta.url)(folder);
	} catch (error) {
		throw new UserError('backend-failed', `The package ${packageName} is installed but cannot be loaded`, {
			facts: {folder, reason: error instanceof Error ? error.message.split('\n')[0]! : String(error)},
			hint: `Install it again with "${command}", or choose the backend "wasm".`,
			cause: error,
		});
	}

	await tf.setBackend('tensorflow');
	if (needsGpu && !usesGpu()) {
		throw new UserError('backend-failed', `The backend "${name}" finds no GPU on this machine`, {hint: 'See whether "nvidia-smi" lists it, or choose the backend "tensorflow" or "wasm".'});
	}
}

/** The package calls two old functions of `node:util`, which Node 22 warns of and Node 23 has no more. */
function restoreRemovedFunctions(): void {
	Object.assign(util, {isArray: Array.isArray, isNullOrUndefined: (value: unknown) => value === undefined || value === null});
}
