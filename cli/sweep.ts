import {availableParallelism} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import pc from 'picocolors';
import {expectedDurations} from '../engine/durations.ts';
import {estimateRun, type Estimate} from '../engine/estimate.ts';
import type {Listener, Outcome} from '../engine/event.ts';
import type {Node} from '../engine/graph.ts';
import type {NodeState} from '../engine/plan.ts';
import type {Project} from '../engine/project.ts';
import {shortNames} from '../engine/param-path.ts';
import {formatDuration} from './format.ts';
import {openProject} from './open.ts';
import {jsonReporter, textReporter} from './reporter.ts';
import {describeOutcomes, interruptible, printEnd, printedGoals, reportsFolder, summarize, type RunCommandOptions} from './run.ts';
import {printStatus} from './status.ts';

type SweepCommandOptions = RunCommandOptions & {readonly values: readonly string[]; readonly zip?: boolean; readonly repeat: number};

/** How many nodes of a sweep are in which state. */
type Counts = {readonly points: number; readonly nodes: number; readonly new: number; readonly waiting: number; readonly reused: number};

/** `pipeline sweep`. */
export async function sweep(params: readonly string[], options: SweepCommandOptions): Promise<number> {
	const startedMs = performance.now();
	await using project = await openProject(options, {sweep: {params, values: options.values, isZipped: options.zip ?? false, repeats: options.repeat}});
	const jobs = options.jobs ?? availableParallelism();
	const nodes = project.needed(project.find([]));
	const states = await project.plan(nodes);
	announcePlan(project, states, {...options, jobs});
	if (options.dryRun) {
		return 0;
	}

	const reporter = options.json ? jsonReporter() : await textReporter(nodes);
	const interruption = interruptible(project, reporter.announce);
	const run = async (wanted: readonly Node[], listener: Listener) =>
		project.run({nodes: wanted, jobs, listener, signal: interruption.signal, command: ['sweep', ...params].join(' ')});
	try {
		const outcomes = await run(nodes, reporter.listener);
		const failed = interruption.signal.aborted ? new Set<string>() : failedPoints(project, outcomes);
		const isPartial = failed.size > 0 && failed.size < project.variants.length;
		const analysed = isPartial ? await analyseOthers(project, {outcomes, failed, run, listener: reporter.listener}) : outcomes;
		reporter.end();
		conclude(project, analysed, {...options, failed, startedMs});
		if (interruption.signal.aborted) {
			return 130;
		}

		return summarize(analysed).failed > 0 ? 1 : 0;
	} finally {
		interruption.end();
		reporter.end();
	}
}

type Analysis = {
	readonly outcomes: ReadonlyMap<Node, Outcome>;
	readonly failed: ReadonlySet<string>;
	readonly run: (nodes: readonly Node[], listener: Listener) => Promise<ReadonlyMap<Node, Outcome>>;
	readonly listener: Listener;
};

/** Runs the analysis again without the points that failed, and says nothing of the nodes that everybody has seen end. */
async function analyseOthers(project: Project, {outcomes, failed, run, listener}: Analysis): Promise<ReadonlyMap<Node, Outcome>> {
	project.leaveOut(failed);
	const analysed = await run(project.needed(project.find([])), event => {
		if (!('node' in event) || isAnalysis(event.node)) {
			listener(event);
		}
	});
	return new Map([...[...outcomes].filter(([node]) => !isAnalysis(node)), ...[...analysed].filter(([node]) => isAnalysis(node))]);
}

type Conclusion = SweepCommandOptions & {readonly failed: ReadonlySet<string>; readonly startedMs: number};

/** Publishes the reports and prints what came out. */
function conclude(project: Project, outcomes: ReadonlyMap<Node, Outcome>, {failed, startedMs, ...options}: Conclusion): void {
	const reports = project.publish(outcomes, path.join(reportsFolder(options), `sweep-${shortNames(project.sweptPaths).join('-')}`));
	const summary = summarize(outcomes);
	if (options.json) {
		process.stdout.write(`${JSON.stringify({event: 'summary', ...summary, failedPoints: [...failed], reports})}\n`);
		return;
	}

	printEnd(printedGoals(project, outcomes), reports, describeOutcomes(outcomes), startedMs);
	if (failed.size > 0) {
		const points = `${failed.size} of ${counted(project.variants.length, 'point')} failed: ${[...failed].join(' ')}`;
		process.stderr.write(`${points}\nThe analysis leaves out what failed. Run the same command again to try it once more; what is done is reused.\n`);
	}
}

/** Points of which something that the analysis needs has no result. */
function failedPoints(project: Project, outcomes: ReadonlyMap<Node, Outcome>): ReadonlySet<string> {
	const unfinished = [...outcomes].filter(([node, outcome]) => !isAnalysis(node) && !('result' in outcome)).map(([{variants}]) => variants);
	return new Set(project.variants.map(({name}) => name).filter(name => unfinished.some(variants => variants.has(name))));
}

/** Whether a node looks at all points together. */
function isAnalysis({variants}: Node): boolean {
	return variants.size === 0;
}

/** Says before anything runs what is new, what is reused and how long it takes. */
function announcePlan(project: Project, states: ReadonlyMap<Node, NodeState>, {jobs, json, dryRun}: SweepCommandOptions & {readonly jobs: number}): void {
	const count = (wanted: NodeState['state']) => [...states.values()].filter(({state}) => state === wanted).length;
	const counts = {points: project.variants.length, nodes: states.size, new: count('stale'), waiting: count('waiting'), reused: count('fresh')};
	const estimate = estimateRun([...states].filter(([, {state}]) => state !== 'fresh').map(([node]) => node), {
		jobs,
		isExclusive: ({stage}) => Boolean(stage.runtime && project.backend?.exclusive),
		expectedMs: expectedDurations(project.store),
	});
	if (json) {
		const points = project.variants.map(({name, patch}) => ({name, patch}));
		process.stdout.write(`${JSON.stringify({event: 'plan', ...counts, points, jobs, estimate})}\n`);
		return;
	}

	const line = `${describeCounts(counts)}${counts.new === 0 ? '' : `; ${describeEstimate(estimate, jobs)}`}`;
	if (dryRun) {
		printStatus(states, false, true);
		process.stdout.write(`\n${pointLines(project, states).join('\n')}\n${line}\n`);
	} else {
		process.stderr.write(`${line}\n`);
	}
}

/** What each point shares and adds. */
function pointLines(project: Project, states: ReadonlyMap<Node, NodeState>): readonly string[] {
	const width = Math.max(...project.variants.map(({name}) => name.length));
	return project.variants.map(({name}) => {
		const own = [...states].filter(([{variants}]) => variants.has(name)).map(([, {state}]) => state);
		const reused = own.filter(state => state === 'fresh').length;
		return `point     ${name.padEnd(width)}  ${pc.dim(`${reused} of ${own.length} nodes reused`)}`;
	});
}

/** Such as `8 points: 99 nodes, 8 new, 27 reused, 64 wait for new ones and may run`. */
function describeCounts(counts: Counts): string {
	const start = `${counted(counts.points, 'point')}: ${counted(counts.nodes, 'node')}`;
	return counts.new === 0
		? `${start}, all reused`
		: `${start}, ${counts.new} new, ${counts.reused} reused${counts.waiting === 0 ? '' : `, ${counts.waiting} wait for new ones and may run`}`;
}

/** Such as `about 3 min 05 s, 2 at a time (from recorded durations of nodes like these)`. */
function describeEstimate({durationMs, unknownStages}: Estimate, jobs: number): string {
	const unknown = `no duration is recorded for ${unknownStages.join(', ')}`;
	if (durationMs === 0 && unknownStages.length > 0) {
		return `time unknown, ${unknown}`;
	}

	const known = `${formatDuration(durationMs)}, ${jobs} at a time (from recorded durations of nodes like these`;
	return unknownStages.length === 0 ? `about ${known})` : `at least ${known}; ${unknown})`;
}

function counted(count: number, noun: string): string {
	return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
