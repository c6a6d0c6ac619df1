import {packageFolder} from '../../engine/installed.ts';
import {backendPackages, type BackendName} from '../../tensors/backend.ts';

const native = packageFolder(backendPackages.tensorflow, import.meta.dirname) === undefined ? [] : ['tensorflow'] as const;

/** The backends that a test can compare: what is part of the project, and TensorFlow where `npm run native` built it. */
export const testedBackends: ReadonlyArray<Exclude<BackendName, 'tensorflow-gpu'>> = ['cpu', 'wasm', ...native];
