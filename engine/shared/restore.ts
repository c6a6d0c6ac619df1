import type {Fingerprint} from '../digest.ts';
import type {Store} from '../store.ts';
import type {SharedLocation} from './location.ts';
import {openCache} from './open-cache.ts';
import {fetchResult} from './transfer.ts';
import {RefusedError} from './verified.ts';

export type RestoreOptions = {readonly store: Store; readonly location: SharedLocation; readonly signal: AbortSignal};

/**
 * Fetches the objects of a recorded result that are damaged or gone here; those that are intact are not transferred.
 * @returns whether the result is whole again; `false` when the shared cache does not have it, or not intact
 * @throws {UserError} when the shared cache cannot be used
 */
export async function restoreResult(fingerprint: Fingerprint, {store, location, signal}: RestoreOptions): Promise<boolean> {
	const recorded = store.recorded(fingerprint);
	if (!recorded) {
		return false;
	}

	const cache = await openCache(location);
	try {
		const {nodeName, ingredients, outputs} = recorded;
		// The kind of an object that is gone is not known any more.
		const kinds = Object.fromEntries(Object.keys(outputs).map(name => [name, undefined]));
		return await fetchResult({fingerprint, nodeName, ingredients, kinds}, {cache, store, signal}) !== undefined;
	} catch (error) {
		if (error instanceof RefusedError) {
			return false;
		}

		throw error;
	} finally {
		cache.close();
	}
}
