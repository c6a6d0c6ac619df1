import {hostname} from 'node:os';
import process from 'node:process';
import type {CacheDatabase} from './database.ts';
import type {Fingerprint} from './digest.ts';
import {isAlive, leaseMs} from './leases.ts';

/** How one node ended in a run, or that it is not decided yet. */
export type NodeRecord = {
	readonly name: string;
	/** As in `Outcome`; `pending` while the run goes on, or when it was killed. */
	readonly outcome: string;
	/** Of the result; absent for nodes without one. */
	readonly fingerprint: Fingerprint | undefined;
};

/** One invocation. */
export type RunRecord = {
	readonly id: number;
	readonly command: string;
	readonly pid: number;
	readonly host: string;
	/** ISO 8601, UTC. */
	readonly startedAt: string;
	/** Absent while it goes on, and for ever when it was killed. */
	readonly finishedAt: string | undefined;
	/** Variant → its params, as they were. */
	readonly params: Readonly<Record<string, unknown>>;
	readonly nodes: readonly NodeRecord[];
};

type Row = {readonly id: number; readonly command: string; readonly pid: number; readonly host: string | null; readonly startedAt: string; readonly finishedAt: string | null; readonly params: string | null; readonly nodes: string | null; readonly aliveAtMs: number | null};

/** What was run when, and how every node ended. */
export class RunRecords {
	readonly #database: CacheDatabase;

	constructor(database: CacheDatabase) {
		this.#database = database;
	}

	/** Records the beginning of an invocation, unless the cache is read-only. @returns its number; 0, which no run has, when it is not recorded. */
	start(command: string, params: Readonly<Record<string, unknown>>): number {
		let run = 0;
		if (this.#database.isReadOnly) {
			return run;
		}

		this.#database.write(() => {
			run = Number(this.#database.prepare('INSERT INTO runs (command, startedAt, pid, host, params, aliveAtMs) VALUES (?, ?, ?, ?, ?, ?)')
				.run(command, new Date().toISOString(), process.pid, hostname(), JSON.stringify(params), Date.now()).lastInsertRowid);
		}, {durable: false});
		return run;
	}

	/** Says that a run goes on, and what it uses: `gc` keeps that. */
	update(run: number, nodes: readonly NodeRecord[]): void {
		this.#database.writeIfPossible(() => {
			this.#database.prepare('UPDATE runs SET nodes = ?, aliveAtMs = ? WHERE id = ?').run(packed(nodes), Date.now(), run);
		});
	}

	/** Says that a run goes on as it was. */
	renew(run: number): void {
		this.#database.writeIfPossible(() => {
			this.#database.prepare('UPDATE runs SET aliveAtMs = ? WHERE id = ?').run(Date.now(), run);
		});
	}

	/** Records how every node ended, and what failed ones left to say; on a full disk the record is lost. */
	finish(run: number, nodes: readonly NodeRecord[], failures: ReadonlyArray<{readonly name: string; readonly log: string}>): void {
		this.#database.writeIfPossible(() => {
			this.#database.prepare('UPDATE runs SET finishedAt = ?, nodes = ? WHERE id = ?').run(new Date().toISOString(), packed(nodes), run);
			for (const {name, log} of failures) {
				this.#database.prepare('INSERT OR REPLACE INTO failures (run, name, log) VALUES (?, ?, ?)').run(run, name, log);
			}
		});
	}

	/** The latest runs, the newest first. */
	latest(limit: number): readonly RunRecord[] {
		const rows = this.#database.prepare('SELECT * FROM runs ORDER BY id DESC LIMIT ?').all(limit) as Row[];
		return rows.map(row => toRecord(row));
	}

	find(id: number): RunRecord | undefined {
		const row = this.#database.prepare('SELECT * FROM runs WHERE id = ?').get(id) as Row | undefined;
		return row && toRecord(row);
	}

	/** Runs that go on: their process lives, or, on another machine, said so lately. */
	live(nowMs: number): readonly RunRecord[] {
		const rows = this.#database.prepare('SELECT * FROM runs WHERE finishedAt IS NULL ORDER BY id').all() as Row[];
		return rows.filter(({host, pid, aliveAtMs}) => (host === hostname() ? isAlive(pid) : Math.abs(nowMs - (aliveAtMs ?? 0)) <= leaseMs)).map(row => toRecord(row));
	}

	/** Forgets all but the latest runs. */
	forgetBefore(id: number): void {
		this.#database.write(() => {
			this.#database.prepare('DELETE FROM runs WHERE id < ?').run(id);
		}, {durable: false});
	}

	/** What the latest failure of a node left to say. */
	failureLog(nodeName: string): string | undefined {
		const row = this.#database.prepare('SELECT log FROM failures WHERE name = ? ORDER BY run DESC LIMIT 1').get(nodeName) as {log: string} | undefined;
		return row?.log;
	}
}

function packed(nodes: readonly NodeRecord[]): string {
	return JSON.stringify(nodes.map(({name, outcome, fingerprint}) => [name, outcome, fingerprint ?? null]));
}

function toRecord({id, command, pid, host, startedAt, finishedAt, params, nodes}: Row): RunRecord {
	return {
		id,
		command,
		pid,
		host: host ?? '',
		startedAt,
		finishedAt: finishedAt ?? undefined,
		params: JSON.parse(params ?? '{}') as Record<string, unknown>,
		nodes: (JSON.parse(nodes ?? '[]') as Array<[string, string, Fingerprint | null]>).map(([name, outcome, fingerprint]) => ({name, outcome, fingerprint: fingerprint ?? undefined})),
	};
}
