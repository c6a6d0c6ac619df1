import {availableParallelism, totalmem} from 'node:os';
import process from 'node:process';
import pc from 'picocolors';
import {criticalPath, estimateRun} from '../engine/estimate.ts';
import type {Forecast} from '../engine/forecast.ts';
import type {Node} from '../engine/graph.ts';
import type {ForecastReport} from '../engine/project.ts';
import {gpuMemoryBytes} from './doctor/machine.ts';
import {count, formatAmount, formatBytes, formatLongDuration, printable} from './format.ts';
import type {CommonOptions} from './main.ts';
import {openProject} from './open.ts';
import {interruptible} from './run.ts';

type EstimateOptions = CommonOptions & {readonly all?: boolean; readonly jobs?: number};

/** What a whole run would cost. */
type Totals = {
	readonly flops: number;
	/** Of all nodes one after the other. */
	readonly workMs: number;
	/** From the first start to the last end. */
	readonly durationMs: number;
	readonly jobs: number;
	/** The nodes that nothing can hurry, inputs first. */
	readonly criticalPath: readonly string[];
	readonly criticalMs: number;
	/** Of the largest node, and of the largest that may run at a time. */
	readonly memoryBytes: number;
	readonly togetherBytes: number;
	/** Nodes that cost something nobody knows. */
	readonly unknown: readonly string[];
};

/** `pipeline estimate`. */
export async function estimate(names: readonly string[], options: EstimateOptions): Promise<number> {
	await using project = await openProject(options);
	const interruption = interruptible(project, text => {
		process.stderr.write(`${text}\n`);
	});
	try {
		const report = await project.forecast(project.needed(project.find(names)), {all: options.all ?? false, signal: interruption.signal});
		if (interruption.signal.aborted) {
			return 130;
		}

		const totals = totalsOf(report, options.jobs ?? availableParallelism());
		const warnings = await warningsOf(report, totals);
		const assumptions = [...new Set(report.forecasts.flatMap(({cost}) => cost?.assumptions ?? []))];
		if (options.json) {
			process.stdout.write(`${JSON.stringify({backend: report.backend && `${report.backend.name} ${report.backend.version}`, nodes: report.forecasts.map(plain), totals, assumptions, warnings, speed: report.speed})}\n`);
		} else {
			process.stdout.write(`${[...linesOf(report.forecasts), ...summaryOf(report, totals), ...assumptions.map(text => `assumed   ${text}`), ...warnings.map(text => pc.yellow(`warning   ${text}`))].map(line => printable(line)).join('\n')}\n`);
		}

		return 0;
	} finally {
		interruption.end();
	}
}

function totalsOf({forecasts, backend, speed}: ForecastReport, jobs: number): Totals {
	const running = forecasts.filter(({isFresh}) => !isFresh);
	const durations = new Map(running.map(({node, durationMs}) => [node, durationMs?.value]));
	const nodes = running.map(({node}) => node);
	// A library that takes all cores is no faster for two nodes at a time.
	const isExclusive = (node: Node) => Boolean(node.stage.runtime && (backend?.exclusive === true || speed?.usesAllCores));
	const path = criticalPath(nodes, node => durations.get(node) ?? 0);
	const memory = running.map(({memoryBytes}) => memoryBytes?.value ?? 0).toSorted((a, b) => b - a);
	const sum = (values: readonly number[]) => values.reduce((before, value) => before + value, 0);
	return {
		flops: sum(running.map(({cost}) => cost?.flops ?? 0)),
		workMs: sum([...durations.values()].map(duration => duration ?? 0)),
		durationMs: nodes.length === 0 ? 0 : estimateRun(nodes, {jobs, isExclusive, expectedMs: node => durations.get(node)}).durationMs,
		jobs,
		criticalPath: path.map(({name}) => name),
		criticalMs: sum(path.map(node => durations.get(node) ?? 0)),
		memoryBytes: memory[0] ?? 0,
		togetherBytes: sum(memory.slice(0, jobs)),
		unknown: running.filter(({durationMs}) => durationMs === undefined).map(({node}) => node.name),
	};
}

/** A line per node: what it computes, how much memory and time it takes, and how that is known. */
function linesOf(forecasts: readonly Forecast[]): readonly string[] {
	const rows = forecasts.map(({node, isFresh, cost, memoryBytes, durationMs}) => [
		node.name,
		isFresh || cost === undefined ? '' : `${formatAmount(cost.flops)}FLOP`,
		memoryBytes === undefined ? '' : formatBytes(memoryBytes.value),
		isFresh ? 'fresh' : (durationMs === undefined ? 'unknown' : formatLongDuration(durationMs.value)),
		isFresh || durationMs === undefined ? '' : durationMs.source,
	]);
	const header = ['node', 'compute', 'memory', 'time', 'how known'];
	const widths = header.map((title, column) => Math.max(title.length, ...rows.map(row => row[column]!.length)));
	const line = (cells: readonly string[]) => cells.map((cell, column) => (column === 0 || column === 4 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  ').trimEnd();
	return [pc.bold(line(header)), ...rows.map((row, index) => (forecasts[index]!.isFresh ? pc.dim(line(row)) : line(row)))];
}

function summaryOf({forecasts, backend}: ForecastReport, {flops, workMs, durationMs, jobs, criticalPath: path, criticalMs, memoryBytes, togetherBytes, unknown}: Totals): readonly string[] {
	const running = forecasts.filter(({isFresh}) => !isFresh).length;
	if (running === 0) {
		return [`all ${forecasts.length} nodes are fresh: nothing would run`];
	}

	const shown = path.length > 8 ? [...path.slice(0, 4), '…', ...path.slice(-3)] : path;
	return [
		'',
		`${running} of ${forecasts.length} nodes would run${backend ? ` on ${backend.name} ${backend.version}` : ''}: ${formatAmount(flops)}FLOP, about ${formatLongDuration(durationMs)}, ${jobs} at a time (${formatLongDuration(workMs)} one after the other)`,
		`memory    up to ${formatBytes(memoryBytes)} in one process, ${formatBytes(togetherBytes)} in ${jobs} at a time`,
		`path      ${formatLongDuration(criticalMs)} that nothing can hurry: ${shown.join(' → ')}`,
		...(unknown.length > 0 ? [`unknown   ${unknown.length} of them, which read results and take next to nothing: ${[...new Set(unknown.map(name => name.split('@')[0]))].join(', ')}`] : []),
	];
}

/** What there is not enough memory for. */
async function warningsOf({forecasts, backend, speed}: ForecastReport, {togetherBytes, jobs}: Totals): Promise<readonly string[]> {
	const machine = machineBytes();
	const gpu = backend?.exclusive ? await gpuMemoryBytes() : undefined;
	const limitOf = ({stage}: Node) => {
		if (!stage.runtime || !backend) {
			return {bytes: machine, owner: 'this machine has'};
		}

		if (gpu !== undefined) {
			return {bytes: gpu, owner: 'the GPU has'};
		}

		return speed?.limitBytes !== undefined && speed.limitBytes < machine ? {bytes: speed.limitBytes, owner: `the backend ${backend.name} can address`} : {bytes: machine, owner: 'this machine has'};
	};

	// Variants mostly need the same.
	const names = new Map<string, string[]>();
	for (const {node, memoryBytes, cost} of forecasts.filter(({isFresh}) => !isFresh)) {
		const {bytes, owner} = limitOf(node);
		if (memoryBytes && memoryBytes.value > bytes) {
			const what = `needs about ${formatBytes(memoryBytes.value)}, ${owner} ${formatBytes(bytes)}${cost?.advice ? `: ${cost.advice(bytes)}` : ''}`;
			names.set(what, [...names.get(what) ?? [], node.name]);
		}
	}

	const tooLarge = [...names].map(([what, [first, ...others]]) => `${first}${others.length === 0 ? '' : `, like ${count(others.length, 'other')},`} ${what}`);
	return tooLarge.length === 0 && jobs > 1 && togetherBytes > machine
		? [`${jobs} nodes at a time may need about ${formatBytes(togetherBytes)}, this machine has ${formatBytes(machine)}: try --jobs 1`]
		: tooLarge;
}

/** What this process may use at most: the machine's memory, or what its container leaves of it. */
function machineBytes(): number {
	const constrained = process.constrainedMemory();
	return constrained > 0 && constrained < totalmem() ? constrained : totalmem();
}

function plain({node: {name, stage}, isFresh, cost, durationMs, memoryBytes}: Forecast): object {
	return {node: name, stage: stage.name, fresh: isFresh, ...(cost && {flops: cost.flops, work: cost.work, memory: cost.memory, assumptions: cost.assumptions ?? []}), durationMs, memoryBytes};
}
