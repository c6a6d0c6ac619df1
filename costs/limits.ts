import type {Speed} from '../engine/pipeline.ts';

/** WebAssembly addresses memory by 32 bits. */
const addressable = 2 ** 32;

/** What a backend cannot get over, by its name and version. */
export function limitsOf(backend: string): Pick<Speed, 'limitBytes' | 'usesAllCores'> {
	const [name] = backend.split(' ');
	return name === 'wasm' ? {limitBytes: addressable} : {usesAllCores: name !== 'cpu'};
}
