import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {start} from './cli.ts';

/** The folder of the real pipeline. */
export const root = path.join(import.meta.dirname, '../..');

type Finished = {
	readonly event: string;
	readonly node: string;
	readonly outcome: {readonly outcome: string; readonly outputs?: Readonly<Record<string, {readonly digest: string}>>};
};

/** A temporary folder for a cache and reports of the real pipeline, run by the compiled command line. */
export function makeExperiment() {
	const folder = mkdtempSync(path.join(tmpdir(), 'experiment-'));
	const launch = (args: readonly string[], options = {}) => start(
		root,
		['run', '--cache', path.join(folder, 'cache'), '--reports', path.join(folder, 'reports'), '--backend', 'wasm', ...args],
		options,
	);
	return {
		folder,
		launch,
		/** What people see. */
		run: async (args: readonly string[]) => launch(args).ended(),
		/** What machines see: node names by outcome, sorted, and the digests of all outputs. */
		async report(args: readonly string[]) {
			const {stdout, stderr, exitCode} = await launch([...args, '--json']).ended();
			const events = stdout.split('\n').filter(line => line !== '').map(line => JSON.parse(line) as Finished);
			const finished = events.filter(({event}) => event === 'finished');
			const named = (wanted: string) => finished.filter(({outcome}) => outcome.outcome === wanted).map(({node}) => node).toSorted((a, b) => (a < b ? -1 : 1));
			return {
				exitCode,
				stderr,
				warnings: events.filter(({event}) => event === 'warning'),
				ran: named('ran'),
				reused: named('reused'),
				digests: Object.fromEntries(finished.map(({node, outcome: {outputs = {}}}) => [
					node,
					Object.fromEntries(Object.entries(outputs).map(([output, {digest}]) => [output, digest])),
				])),
			};
		},
		[Symbol.dispose](): void {
			rmSync(folder, {recursive: true, force: true});
		},
	};
}
