import {hostname} from 'node:os';
import process from 'node:process';
import type {CacheDatabase} from './database.ts';
import type {Fingerprint} from './digest.ts';

type Row = {readonly host: string; readonly pid: number; readonly aliveAtMs: number};

/** How long a silent process keeps its leases; many times the interval of renewal. */
export const leaseMs = 30_000;

/** How often a process that holds leases renews them. */
export const renewEveryMs = 5000;

/**
 * Who computes what: of several processes on one cache, one computes a node. A lease is taken over when its process is gone, or when it was not
 * renewed for a while. How long is measured by the waiting process on a clock that only goes forward, so that clocks that jump or differ do no harm.
 */
export class Leases {
	readonly #database: CacheDatabase;
	readonly #nowMs: () => number;
	/** What others' leases looked like, and since when. */
	readonly #seen = new Map<Fingerprint, {readonly holder: string; readonly sinceMs: number}>();

	/** @param nowMs a clock that only goes forward */
	constructor(database: CacheDatabase, nowMs: () => number = () => performance.now()) {
		this.#database = database;
		this.#nowMs = nowMs;
	}

	/**
	 * Reserves a node for this process.
	 * @returns nothing when the lease is ours, else the process that holds it.
	 */
	take(fingerprint: Fingerprint): {readonly pid: number} | undefined {
		let holder: Row | undefined;
		this.#database.write(() => {
			holder = this.#database.prepare('SELECT host, pid, aliveAtMs FROM leases WHERE fingerprint = ?').get(fingerprint) as Row | undefined;
			if (!holder || !this.#isHeld(fingerprint, holder)) {
				holder = undefined;
				this.#database.prepare('INSERT OR REPLACE INTO leases (fingerprint, host, pid, aliveAtMs) VALUES (?, ?, ?, ?)').run(fingerprint, hostname(), process.pid, Date.now());
			}
		}, {durable: false});
		if (!holder) {
			this.#seen.delete(fingerprint);
		}

		return holder;
	}

	/** Says that this process still computes what it leased. */
	renew(): void {
		this.#database.writeIfPossible(() => {
			this.#database.prepare('UPDATE leases SET aliveAtMs = ? WHERE host = ? AND pid = ?').run(Date.now(), hostname(), process.pid);
		});
	}

	release(fingerprint: Fingerprint): void {
		this.#database.writeIfPossible(() => {
			this.drop(fingerprint);
		});
	}

	/** `release` as a part of a transaction. */
	drop(fingerprint: Fingerprint): void {
		this.#database.prepare('DELETE FROM leases WHERE fingerprint = ? AND host = ? AND pid = ?').run(fingerprint, hostname(), process.pid);
	}

	#isHeld(fingerprint: Fingerprint, {host, pid, aliveAtMs}: Row): boolean {
		// Our own number in a lease that is not ours is that of a process that is gone.
		if (host === hostname() && (pid === process.pid || !isAlive(pid))) {
			return false;
		}

		const holder = `${host} ${pid} ${aliveAtMs}`;
		const seen = this.#seen.get(fingerprint);
		if (seen?.holder === holder) {
			return this.#nowMs() - seen.sinceMs <= leaseMs;
		}

		this.#seen.set(fingerprint, {holder, sinceMs: this.#nowMs()});
		return true;
	}
}

/** Whether a process with this id exists on this machine. */
export function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}
