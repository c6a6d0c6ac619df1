import type {Fingerprint} from '../digest.ts';
import type {Result, Store} from '../store.ts';
import {inParallel} from './in-parallel.ts';
import type {SharedLocation} from './location.ts';
import {openCache} from './open-cache.ts';
import {Outbox} from './outbox.ts';
import {lackingOf, sendResult} from './transfer.ts';
import {RefusedError} from './verified.ts';

/** What came of a result. */
export type PushOutcome =
	/** Of a dry run, what would be sent. */
	| {readonly outcome: 'sent'; readonly sizeBytes: number}
	/** All of it was there. */
	| {readonly outcome: 'present'}
	/** An object of it is missing or damaged here. */
	| {readonly outcome: 'refused'; readonly message: string};

export type PushOptions = {
	readonly store: Store;
	readonly location: SharedLocation;
	/** Finds out what would be sent, and sends nothing. */
	readonly isDryRun: boolean;
	readonly signal: AbortSignal;
	readonly onOutcome: (result: Result, outcome: PushOutcome) => void;
};

/** How many results are sent at a time. */
const sentAtATime = 4;

/**
 * Sends results that the shared cache lacks, and what earlier runs could not send.
 * @throws {UserError} when the shared cache cannot be used; the reason of the signal when it is aborted
 */
export async function pushResults(fingerprints: readonly Fingerprint[], {store, location, isDryRun, signal, onOutcome}: PushOptions): Promise<void> {
	const outbox = new Outbox(store, location);
	const cache = await openCache(location);
	const push = async (fingerprint: Fingerprint, end: AbortSignal) => {
		const result = store.recorded(fingerprint);
		if (result) {
			const lacking = await lackingOf(result, cache, new Set());
			const isPresent = lacking.objects.length === 0 && !lacking.record;
			if (!isDryRun) {
				await sendResult(result, lacking, {cache, store, signal: end});
				outbox.remove([fingerprint]);
			}

			onOutcome(result, isPresent ? {outcome: 'present'} : {outcome: 'sent', sizeBytes: lacking.sizeBytes});
		}
	};

	const pushOrRefuse = async (fingerprint: Fingerprint, end: AbortSignal) => {
		try {
			await push(fingerprint, end);
		} catch (error) {
			if (!(error instanceof RefusedError)) {
				throw error;
			}

			onOutcome(store.recorded(fingerprint)!, {outcome: 'refused', message: error.message});
		}
	};

	try {
		await inParallel(new Set([...outbox.waiting(), ...fingerprints]), {concurrency: sentAtATime, signal}, pushOrRefuse);
	} finally {
		cache.close();
	}
}
