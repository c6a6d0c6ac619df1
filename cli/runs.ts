import process from 'node:process';
import {UserError} from '../engine/error.ts';
import type {RunRecord} from '../engine/run-records.ts';
import type {Store} from '../engine/store.ts';
import {printable} from './format.ts';
import type {CommonOptions} from './main.ts';
import {openProject} from './open.ts';

/** How many runs are listed unless told otherwise. */
const runsListed = 20;

/** `pipeline runs`. */
export async function runs(_: readonly string[], options: CommonOptions & {readonly limit?: number}): Promise<number> {
	await using project = await openProject(options);
	const records = project.store.runs.latest(options.limit ?? runsListed);
	const live = new Set(project.store.runs.live(Date.now()).map(({id}) => id));
	if (options.json) {
		process.stdout.write(`${JSON.stringify(records.map(({id, command, host, startedAt, finishedAt, nodes, params}) => ({id, command, host, startedAt, finishedAt: finishedAt ?? null, state: stateOf({id, finishedAt}, live), counts: countsOf(nodes), variants: Object.keys(params)})))}\n`);
		return 0;
	}

	const width = Math.max(0, ...records.map(({id}) => String(id).length));
	const commandWidth = Math.max(0, ...records.map(({command}) => command.length));
	const lines = records.map(record => {
		const state = stateOf(record, live);
		const counts = Object.entries(countsOf(record.nodes)).map(([outcome, number]) => `${number} ${outcome}`);
		return `${String(record.id).padStart(width)}  ${record.startedAt.slice(0, 19).replace('T', ' ')}  ${printable(record.command).padEnd(commandWidth)}  ${[...(state === 'finished' ? [] : [state]), ...counts].join(', ')}`;
	});
	process.stdout.write(`${lines.length === 0 ? 'Nothing was run yet.' : lines.join('\n')}\n`);
	return 0;
}

/** The run that a number, `last` or `previous` names. @throws {UserError} that says which there are */
export function findRun(store: Store, name: string): RunRecord {
	const latest = store.runs.latest(2);
	const byName: Readonly<Record<string, RunRecord | undefined>> = {last: latest[0], previous: latest[1]};
	const found = /^\d+$/.test(name) ? store.runs.find(Number(name)) : byName[name];
	if (!found) {
		throw new UserError('run-unknown', `There is no run "${name}"`, {hint: latest.length === 0 ? 'Nothing was run yet.' : `The latest is ${latest[0]!.id}; to see them: pipeline runs`});
	}

	return found;
}

function stateOf({id, finishedAt}: Pick<RunRecord, 'finishedAt' | 'id'>, live: ReadonlySet<number>): 'finished' | 'goes on' | 'was killed' {
	if (finishedAt !== undefined) {
		return 'finished';
	}

	return live.has(id) ? 'goes on' : 'was killed';
}

function countsOf(nodes: RunRecord['nodes']): Record<string, number> {
	const counts: Record<string, number> = {};
	for (const {outcome} of nodes) {
		counts[outcome] = (counts[outcome] ?? 0) + 1;
	}

	return counts;
}
