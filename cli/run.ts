import {availableParallelism} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import pc from 'picocolors';
import type {Outcome} from '../engine/event.ts';
import type {Node} from '../engine/graph.ts';
import {defaultFiles, type Project} from '../engine/project.ts';
import {openProject} from './open.ts';
import {formatDuration, printable} from './format.ts';
import {jsonReporter, textReporter} from './reporter.ts';
import {printStatus} from './status.ts';
import type {CommonOptions} from './main.ts';

type RunCommandOptions = CommonOptions & {readonly jobs?: number; readonly dryRun?: boolean; readonly reports?: string};

/** `pipeline run`. */
export async function run(names: readonly string[], options: RunCommandOptions): Promise<number> {
	const startedMs = performance.now();
	await using project = await openProject(options);
	const nodes = project.needed(project.find(names));
	if (options.dryRun) {
		printStatus(await project.plan(nodes), options.json ?? false, true);
		return 0;
	}

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
		printGoals(project, outcomes);
		for (const {file} of reports) {
			process.stdout.write(`${pc.dim('report')}  ${path.relative(process.cwd(), file)}\n`);
		}

		const fetched = [...outcomes.values()].filter(outcome => outcome.outcome === 'reused' && outcome.from === 'shared').length;
		const counts = Object.entries(summary).filter(([, count]) => count > 0).map(([outcome, count]) => `${count} ${outcome}${outcome === 'reused' && fetched > 0 ? ` (${fetched} fetched)` : ''}`);
		process.stderr.write(pc.dim(`${counts.join(', ')} in ${formatDuration(performance.now() - startedMs)}\n`));
	}

	if (interruption.signal.aborted) {
		return 130;
	}

	return summary.failed > 0 ? 1 : 0;
}

/** Runs with other params than the default ones have a folder of their own. */
function reportsFolder({pipeline, params = '', reports = defaultFiles(path.dirname(pipeline)).reportsFolder}: RunCommandOptions): string {
	const name = path.basename(params, '.json');
	return name === '' || name === 'params' ? reports : path.join(reports, name);
}

/** The first Ctrl-C lets running nodes stop at their next step; the second kills them. */
function interruptible(project: Project, announce: (text: string) => void): {readonly signal: AbortSignal; readonly end: () => void} {
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

function summarize(outcomes: ReadonlyMap<Node, Outcome>): Record<Outcome['outcome'], number> {
	const counts = {ran: 0, reused: 0, failed: 0, skipped: 0, cancelled: 0};
	for (const {outcome} of outcomes.values()) {
		counts[outcome] += 1;
	}

	return counts;
}

/** Prints the goals that have a text form and a result. */
function printGoals(project: Project, outcomes: ReadonlyMap<Node, Outcome>): void {
	for (const {node, output, type} of Object.values(project.graph.goals)) {
		const outcome = outcomes.get(node);
		if (outcome && 'result' in outcome && type.preview) {
			const bytes = project.store.read(outcome.result.outputs[output]!.digest);
			process.stdout.write(`\n${printable(type.preview(type.decode(bytes)))}\n\n`);
		}
	}
}
