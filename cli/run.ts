import {existsSync} from 'node:fs';
import {availableParallelism} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import pc from 'picocolors';
import type {Outcome} from '../engine/event.ts';
import {allGoals, type Node} from '../engine/graph.ts';
import {defaultFiles} from '../engine/default-files.ts';
import {recall, remember} from '../engine/memo.ts';
import type {Project, ProjectOptions} from '../engine/project.ts';
import {publishDigests, type PublishedReport} from '../engine/reports.ts';
import type {SharedLocation} from '../engine/shared/location.ts';
import {Outbox} from '../engine/shared/outbox.ts';
import {Store} from '../engine/store.ts';
import {WorkerPool} from '../engine/worker-pool.ts';
import {openProject, projectOptions} from './open.ts';
import {formatDuration, printable} from './format.ts';
import type {CommonOptions} from './main.ts';

export type RunCommandOptions = CommonOptions & {readonly jobs?: number; readonly dryRun?: boolean; readonly reports?: string};

/** `pipeline run`. */
export async function run(names: readonly string[], options: RunCommandOptions): Promise<number> {
	const startedMs = performance.now();
	const project = projectOptions(options);
	// Without a cache there is nothing to remember, and wrong params must not make one.
	const store = existsSync(path.join(project.cacheFolder, 'index.sqlite')) ? new Store(project.cacheFolder) : undefined;
	const {memo, folders} = store && !options.json && !options.dryRun && !hasResultsToSend(store, options) ? recall(store, project, names) : {};
	if (store && memo) {
		using _ = store;
		printEnd(memo.printed, publishDigests(memo.reports, store, reportsFolder(options)), `${memo.nodes} reused`, startedMs);
		return 0;
	}

	return runStale(names, options, {store, folders, startedMs});
}

type Begun = Pick<ProjectOptions, 'folders'> & {readonly store: Store | undefined; readonly startedMs: number};

async function runStale(names: readonly string[], options: RunCommandOptions, {store, folders, startedMs}: Begun): Promise<number> {
	await using pool = new WorkerPool(options.workerFile);
	if (!options.dryRun) {
		pool.startEarly();
	}

	await using project = await openProject(options, {store, pool, folders});
	const nodes = project.needed(project.find(names));
	if (options.dryRun) {
		const {printStatus} = await import('./status.ts');
		printStatus(await project.plan(nodes), options.json ?? false, true);
		return 0;
	}

	const {jsonReporter, textReporter} = await import('./reporter.ts');
	const reporter = options.json ? jsonReporter() : await textReporter(nodes);
	const interruption = interruptible(project, reporter.announce);
	let outcomes: ReadonlyMap<Node, Outcome>;
	try {
		outcomes = await project.run({
			nodes,
			jobs: options.jobs ?? availableParallelism(),
			listener: reporter.listener,
			signal: interruption.signal,
			command: ['run', ...names].join(' '),
		});
	} finally {
		interruption.end();
		reporter.end();
	}

	const reports = project.publish(outcomes, reportsFolder(options));
	const summary = summarize(outcomes);
	if (options.json) {
		process.stdout.write(`${JSON.stringify({event: 'summary', ...summary, reports})}\n`);
	} else {
		const printed = printedGoals(project, outcomes);
		printEnd(printed, reports, describeOutcomes(outcomes), startedMs);
		remember(project, outcomes, {goals: names, printed});
	}

	if (interruption.signal.aborted) {
		return 130;
	}

	return summary.failed > 0 ? 1 : 0;
}

/** Whether an earlier run could not send everything to the shared cache: this one tries again. */
function hasResultsToSend(store: Store, {shared}: RunCommandOptions): boolean {
	return Boolean(shared) && new Outbox(store, shared as SharedLocation).waiting().length > 0;
}

/** Runs with other params than the default ones have a folder of their own. */
export function reportsFolder({pipeline, params = '', reports = defaultFiles(path.dirname(pipeline)).reportsFolder}: CommonOptions & {readonly reports?: string}): string {
	const name = path.basename(params, '.json');
	return name === '' || name === 'params' ? reports : path.join(reports, name);
}

/** The first Ctrl-C lets running nodes stop at their next step; the second kills them. */
export function interruptible(project: {readonly kill: () => void}, announce: (text: string) => void): {readonly signal: AbortSignal; readonly end: () => void} {
	const controller = new AbortController();
	const interrupt = () => {
		if (controller.signal.aborted) {
			project.kill();
			process.exit(130);
		}

		controller.abort();
		announce('stopping; what is done is kept (Ctrl-C again to kill)');
	};

	const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
	for (const signal of signals) {
		process.on(signal, interrupt);
	}

	return {
		signal: controller.signal,
		end() {
			for (const signal of signals) {
				process.off(signal, interrupt);
			}
		},
	};
}

export function summarize(outcomes: ReadonlyMap<Node, Outcome>): Record<Outcome['outcome'], number> {
	const counts = {ran: 0, reused: 0, failed: 0, skipped: 0, cancelled: 0};
	for (const {outcome} of outcomes.values()) {
		counts[outcome] += 1;
	}

	return counts;
}

/** Such as `3 ran, 12 reused (4 fetched)`. */
export function describeOutcomes(outcomes: ReadonlyMap<Node, Outcome>): string {
	const fetched = [...outcomes.values()].filter(outcome => outcome.outcome === 'reused' && outcome.from === 'shared').length;
	return Object.entries(summarize(outcomes)).filter(([, count]) => count > 0)
		.map(([outcome, count]) => `${count} ${outcome}${outcome === 'reused' && fetched > 0 ? ` (${fetched} fetched)` : ''}`).join(', ');
}

/** The goals that have a text form and a result, as text. */
export function printedGoals(project: Project, outcomes: ReadonlyMap<Node, Outcome>): string {
	return goalTexts(project, outcomes).map(text => `\n${text}\n\n`).join('');
}

/** What a run leaves on the terminal: the goals, the reports and the counts. */
export function printEnd(goals: string, reports: readonly PublishedReport[], counts: string, startedMs: number): void {
	process.stdout.write(goals);
	for (const {file} of reports) {
		process.stdout.write(`${pc.dim('report')}  ${path.relative(process.cwd(), file)}\n`);
	}

	process.stderr.write(pc.dim(`${counts} in ${formatDuration(performance.now() - startedMs)}\n`));
}

/** The text forms of the goals that have one and a result. */
export function goalTexts(project: Project, outcomes: ReadonlyMap<Node, Outcome>): readonly string[] {
	return Object.values(allGoals(project.graph)).flatMap(({node, output, type}) => {
		const outcome = outcomes.get(node);
		return outcome && 'result' in outcome && type.preview ? [printable(type.preview(type.decode(project.store.read(outcome.result.outputs[output]!.digest))))] : [];
	});
}
