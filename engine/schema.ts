import type Database from 'better-sqlite3';
import {UserError} from './error.ts';

/** One script per version, applied in order; never edited after a release. */
const migrations = [
	`
	CREATE TABLE objects (
		digest TEXT PRIMARY KEY,
		kind TEXT NOT NULL,
		sizeBytes INTEGER NOT NULL,
		content BLOB -- NULL when the bytes are a file in objects/
	) WITHOUT ROWID;
	CREATE TABLE results (
		fingerprint TEXT PRIMARY KEY,
		stage TEXT NOT NULL,
		nodeName TEXT NOT NULL,
		ingredients TEXT NOT NULL,
		startedAt TEXT NOT NULL,
		durationMs REAL NOT NULL,
		provenance TEXT NOT NULL
	);
	CREATE INDEX resultsByStage ON results (stage, startedAt DESC);
	CREATE TABLE outputs (
		fingerprint TEXT NOT NULL REFERENCES results ON DELETE CASCADE,
		name TEXT NOT NULL,
		digest TEXT NOT NULL,
		PRIMARY KEY (fingerprint, name)
	) WITHOUT ROWID;
	CREATE INDEX outputsByDigest ON outputs (digest);
	CREATE TABLE notes (
		topic TEXT NOT NULL,
		key TEXT NOT NULL,
		value TEXT NOT NULL,
		PRIMARY KEY (topic, key)
	) WITHOUT ROWID;
	CREATE TABLE leases (
		fingerprint TEXT PRIMARY KEY,
		host TEXT NOT NULL,
		pid INTEGER NOT NULL,
		aliveAtMs REAL NOT NULL -- renewed every few seconds by the process that computes the node
	) WITHOUT ROWID;
	CREATE TABLE runs (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		command TEXT NOT NULL,
		pid INTEGER NOT NULL,
		startedAt TEXT NOT NULL,
		finishedAt TEXT -- NULL while running, or when it was killed
	);
	CREATE TABLE runNodes (
		run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
		name TEXT NOT NULL,
		outcome TEXT NOT NULL,
		fingerprint TEXT,
		log TEXT, -- only for nodes without a result
		PRIMARY KEY (run, name)
	) WITHOUT ROWID;
	`,
	`
	ALTER TABLE runs ADD COLUMN host TEXT;
	ALTER TABLE runs ADD COLUMN params TEXT; -- JSON: variant → params
	ALTER TABLE runs ADD COLUMN nodes TEXT; -- JSON: [name, outcome, fingerprint] of every node; one value, because thousands of rows would take longer than the run
	ALTER TABLE runs ADD COLUMN aliveAtMs REAL; -- renewed every few seconds while the run goes on
	UPDATE runs SET nodes = (SELECT json_group_array(json_array(name, outcome, fingerprint)) FROM runNodes WHERE run = runs.id);
	CREATE TABLE failures (
		run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
		name TEXT NOT NULL,
		log TEXT NOT NULL,
		PRIMARY KEY (run, name)
	) WITHOUT ROWID;
	CREATE INDEX failuresByName ON failures (name, run);
	INSERT INTO failures SELECT run, name, log FROM runNodes WHERE outcome = 'failed' AND log IS NOT NULL;
	DROP TABLE runNodes;
	CREATE TABLE pins (
		fingerprint TEXT PRIMARY KEY,
		nodeName TEXT NOT NULL,
		pinnedAt TEXT NOT NULL
	) WITHOUT ROWID;
	CREATE TABLE removals (count INTEGER NOT NULL); -- how often anything was removed: what was remembered before counts no more
	INSERT INTO removals VALUES (0);
	`,
] as const;

/** The version of a database that this software writes. */
export const schemaVersion = migrations.length;

/**
 * Brings a database to the newest version.
 * @throws {UserError} `cache-newer` when a newer version of the software wrote it.
 */
export function migrate(database: Database.Database, file: string): void {
	const version = database.pragma('user_version', {simple: true}) as number;
	if (version > migrations.length) {
		throw new UserError('cache-newer', `The cache "${file}" was written by a newer version of this software`, {
			facts: {expected: `version ${migrations.length} or older`, got: `version ${version}`},
			hint: 'Update the software, or use another cache with --cache FOLDER.',
		});
	}

	if (version === migrations.length) {
		return;
	}

	// Immediate: of two processes that open a new cache, one migrates and the other finds it done.
	database.transaction(() => {
		const current = database.pragma('user_version', {simple: true}) as number;
		for (const script of migrations.slice(current)) {
			database.exec(script);
		}

		database.pragma(`user_version = ${migrations.length}`);
	}).immediate();
}
