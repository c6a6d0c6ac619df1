/** What only a module can do: wait while it loads, and import. Scripts (`script.cjs`) get the same from what loads them. */
import xxhash from 'xxhash-wasm';

export const hasher = await xxhash();

/**
 * Imports a module by its URL or, for a package, its name.
 * @param {string} specifier
 * @returns {Promise<unknown>} its exports
 */
export async function importModule(specifier) {
	return import(specifier);
}
