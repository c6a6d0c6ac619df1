import {chmodSync, existsSync, readFileSync, renameSync, rmSync, statSync, truncateSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import {openSqlite} from '../../engine/sqlite.ts';
import type {Fault} from './fault.ts';
import {errorsOf, type Ended} from './invocation.ts';
import type {Random} from './random.ts';
import type {Round} from './round.ts';
import {objectFile, objectFiles} from './store-problems.ts';

/** Params that make some nodes stale, so that others' outputs are read again. */
const changes = [['mixed.salt=1'], ['total.offset=1'], []] as const;

const hows = ['flip', 'truncate', 'delete'] as const;

/** Damages a file in place, as a failing disk does. @returns what was done */
function damageFile(file: string, random: Random, how: (typeof hows)[number] | 'garble'): string {
	const {size} = statSync(file);
	switch (how) {
		case 'flip': {
			const at = random.integer(0, size - 1);
			const bytes = readFileSync(file);
			bytes[at]! ^= 1 << random.integer(0, 7);
			rewrite(file, bytes);
			return `flip a bit of byte ${at} of ${size}`;
		}

		case 'garble': {
			const at = random.integer(0, size - 1);
			const length = Math.min(size - at, random.pick([1, 16, 512, 4096]));
			const bytes = readFileSync(file);
			for (let index = at; index < at + length; index++) {
				bytes[index] = random.integer(0, 255);
			}

			rewrite(file, bytes);
			return `garble ${length} bytes from ${at} of ${size}`;
		}

		case 'truncate': {
			const to = random.pick([0, random.integer(0, size - 1)]);
			chmodSync(file, 0o644);
			truncateSync(file, to);
			return `truncate to ${to} of ${size} bytes`;
		}

		case 'delete': {
			rmSync(file);
			return 'delete';
		}
	}
}

function rewrite(file: string, bytes: Uint8Array): void {
	chmodSync(file, 0o644);
	writeFileSync(file, bytes);
}

/** A run after objects were damaged: right at once, or after the run again that its error asks for. */
async function expectHealed(round: Round, damaged: ReadonlySet<string>, set: readonly string[]): Promise<void> {
	if (round.random.chance(0.5)) {
		await round.runPlainly(set);
	}

	const next = await round.run(['run', '--json', ...set.flatMap(value => ['--set', value])]);
	await round.expectNothingWrong(next, set);
	if (next.exitCode !== 0) {
		round.expect(errorsOf(next).every(({code}) => code === 'object-damaged'), 'only the damage is an error');
	}

	// Makers of damaged objects run again, so nothing is said about them.
	round.forget();
	await round.settle({set, damaged});
}

const damageObjects: Fault = {
	name: 'damage-objects',
	async perform(round) {
		const {random} = round;
		await round.fill();
		const set = random.pick(changes);
		const digests = random.shuffled(objectFiles(round.cache)).slice(0, random.integer(1, 3));
		const done = digests.map(digest => damageFile(objectFile(round.cache, digest), random, random.pick(hows)));
		await expectHealed(round, new Set(digests), set);
		return [...set, ...done].join('; ');
	},
};

const damageInline: Fault = {
	name: 'damage-inline',
	async perform(round) {
		const {random} = round;
		await round.fill();
		const set = random.pick(changes);
		const damaged = new Set<string>();
		{
			using database = open(round.cache);
			const rows = database.all('SELECT digest, content FROM objects WHERE content IS NOT NULL ORDER BY digest') as ReadonlyArray<{digest: string; content: Uint8Array}>;
			for (const {digest, content} of random.shuffled(rows).slice(0, random.integer(1, 3))) {
				const bytes = Uint8Array.from(content);
				bytes[random.integer(0, bytes.length - 1)]! ^= 1 << random.integer(0, 7);
				database.run('UPDATE objects SET content = ? WHERE digest = ?', random.chance(0.7) ? bytes : bytes.subarray(1), digest);
				damaged.add(digest);
			}
		}

		await expectHealed(round, damaged, set);
		return [...set, `${damaged.size} contents`].join('; ');
	},
};

function open(cache: string) {
	const database = openSqlite(path.join(cache, 'index.sqlite'), {fileMustExist: true});
	return {
		all: (sql: string) => database.prepare(sql).all(),
		run: (sql: string, ...values: unknown[]) => database.prepare(sql).run(...values),
		[Symbol.dispose]() {
			database.close();
		},
	};
}

/** A run that is killed before it could tidy its database, so that there is a write-ahead log. */
async function brokenRun(round: Round): Promise<string> {
	const run = round.start();
	const when = await round.instant(run);
	run.kill('SIGKILL');
	await round.finish(run);
	await round.quiet();
	return when;
}

async function wholeRun(round: Round): Promise<string> {
	await round.fill();
	return 'after a whole run';
}

/** After damage to the database a run is right, or says that it is damaged; following the advice makes it right. */
async function expectRightOrRefused(round: Round, set: readonly string[]): Promise<string> {
	round.forget();
	if (round.random.chance(0.5)) {
		await round.runPlainly(set);
	}

	const next = await round.run(['run', '--json', ...set.flatMap(value => ['--set', value])]);
	await round.expectNothingWrong(next, set);
	if (next.exitCode === 0) {
		await round.expectRight(next, set);
		return 'right';
	}

	const hint = expectDamageTold(round, next);
	const [, from, to] = /\(mv "(.+?)" "(.+?)"\)/.exec(hint) ?? [];
	round.expect(from === round.cache && to !== undefined, `the error says what to do, but it says "${hint}"`);
	renameSync(from!, to!);
	round.forget();
	await round.settle({set});
	return 'refused';
}

/** @returns the hint of the error */
function expectDamageTold(round: Round, ended: Ended): string {
	const errors = errorsOf(ended);
	round.expect(ended.exitCode === 2 && errors.some(({code}) => code === 'database-damaged'), `the damage is told with exit code 2, but it ended with ${ended.signal ?? ended.exitCode} and ${JSON.stringify(errors)}`);
	return errors.find(({code}) => code === 'database-damaged')!.hint ?? '';
}

const damageDatabase: Fault = {
	name: 'damage-database',
	async perform(round) {
		const {random} = round;
		const before = random.chance(0.2) ? await brokenRun(round) : await wholeRun(round);
		const file = path.join(round.cache, 'index.sqlite');
		if (!existsSync(file) || statSync(file).size === 0) {
			await round.settle();
			return `${before}; no database yet`;
		}

		const done = damageFile(file, random, random.pick(['garble', 'garble', 'flip', 'truncate']));
		return `${before}; ${done}; ${await expectRightOrRefused(round, random.pick(changes))}`;
	},
};

const damageWal: Fault = {
	name: 'damage-wal',
	async perform(round) {
		const {random} = round;
		const when = await brokenRun(round);
		const file = path.join(round.cache, 'index.sqlite-wal');
		if (!existsSync(file) || statSync(file).size === 0) {
			await round.settle();
			return `${when}; no write-ahead log then`;
		}

		const done = damageFile(file, random, random.pick(['garble', 'flip', 'truncate', 'delete']));
		return `${when}; ${done}; ${await expectRightOrRefused(round, random.pick(changes))}`;
	},
};

/** Bytes of the cache that are not what they were. */
export const damage: readonly Fault[] = [damageObjects, damageInline, damageDatabase, damageWal];
