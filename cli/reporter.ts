import process from 'node:process';
import pc from 'picocolors';
import type {Listener, Outcome, RunEvent} from '../engine/event.ts';
import type {Node} from '../engine/graph.ts';
import {formatBytes, formatDuration, formatReason, printable} from './format.ts';

/** Shows a run while it goes on. */
export type Reporter = {
	readonly listener: Listener;
	/** Replaces the live part; shown until the run ends. */
	readonly announce: (text: string) => void;
	readonly end: () => void;
};

type Step = Extract<RunEvent, {event: 'step'}>;

/** A node that is being computed, as it is shown. */
export type Running = {readonly node: Node; readonly startedMs: number; readonly expectedMs: number | undefined; step: Step | undefined; reportedMs: number; isElsewhere: boolean};

/** How often the live part is drawn. */
const redrawEveryMs = 120;

/** How often a long node prints a line where there is no terminal. */
const lineEveryMs = 20_000;

const outcomeColors: Record<Outcome['outcome'], (text: string) => string> = {
	ran: pc.green, reused: pc.dim, failed: pc.red, skipped: pc.yellow, cancelled: pc.yellow,
};

/** For people: a line per node that ended; on a terminal also a live line per node that runs. */
export async function textReporter(nodes: readonly Node[]): Promise<Reporter> {
	const width = Math.max(0, ...nodes.map(({name}) => name.length));
	const running = new Map<Node, Running>();
	const reasons = new Map<Node, string>();
	const logUpdate = process.stderr.isTTY ? (await import('log-update')).createLogUpdate(process.stderr, {showCursor: true}) : undefined;
	let note = '';
	// A node whose output turns out to be damaged ends twice.
	const finished = new Set<Node>();

	const draw = () => {
		const lines = [...running.values()].map(entry => liveLine(entry, width));
		const total = `${finished.size} of ${nodes.length} nodes`;
		logUpdate?.([...lines, pc.dim(note === '' ? total : `${total} · ${note}`)].join('\n'));
	};

	const print = (line: string) => {
		logUpdate?.clear();
		process.stderr.write(`${line}\n`);
	};

	const timer = setInterval(() => {
		if (logUpdate) {
			draw();
		} else {
			printProgress(running, width);
		}
	}, logUpdate ? redrawEveryMs : 1000);

	return {
		listener(event) {
			switch (event.event) {
				case 'started':
				case 'elsewhere': {
					running.set(event.node, runningOf(event));
					if (event.event === 'started') {
						reasons.set(event.node, formatReason(event.why));
					} else {
						print(`${pc.yellow('waits'.padEnd(10))}${event.node.name.padEnd(width)}  process ${event.pid} computes it`);
					}

					break;
				}

				case 'step': {
					const entry = running.get(event.node);
					if (entry) {
						if (event.resumedFrom > 0 && !entry.step?.resumedFrom) {
							print(`${pc.cyan('resumed'.padEnd(10))}${event.node.name.padEnd(width)}  from ${event.unit} ${event.resumedFrom} of ${event.total}`);
						}

						entry.step = event;
					}

					break;
				}

				case 'line': {
					if (event.line.startsWith('warning:')) {
						print(`${pc.yellow('warning'.padEnd(10))}${event.node.name.padEnd(width)}  ${printable(event.line.slice('warning:'.length).trim())}`);
					}

					break;
				}

				case 'damaged': {
					print(`${pc.yellow('damaged'.padEnd(10))}${event.node.name.padEnd(width)}  object ${event.digest} was set aside; what made it runs again`);
					break;
				}

				case 'shared': {
					const [first, ...more] = printable(event.message).split('\n');
					print([`${pc.yellow('warning'.padEnd(10))}${first}`, ...more.map(line => `${' '.repeat(10)}${line}`)].join('\n'));
					break;
				}

				case 'sending': {
					note = event.results === 0 ? '' : `sending ${event.results} results to the shared cache; Ctrl-C leaves them for later`;
					break;
				}

				case 'finished': {
					const hasWaited = running.delete(event.node);
					finished.add(event.node);
					// What was fresh, and what a cancelled run never started, is counted in the end, not listed.
					if (hasWaited || !['cancelled', 'reused'].includes(event.outcome.outcome)) {
						print(outcomeLine(event, width, reasons.get(event.node)));
					}

					break;
				}
			}
		},
		announce(text) {
			note = text;
			if (!logUpdate) {
				print(text);
			}
		},
		end() {
			clearInterval(timer);
			logUpdate?.clear();
		},
	};
}

/** For machines: one JSON object per line. */
export function jsonReporter(): Reporter {
	return {
		listener(event) {
			const plain = plainRunEvent(event);
			if (plain) {
				process.stdout.write(`${JSON.stringify(plain)}\n`);
			}
		},
		announce: () => undefined,
		end: () => undefined,
	};
}

/** An event without the graph inside; nothing for what a node printed, unless it is a warning. */
export function plainRunEvent(event: RunEvent): object | undefined {
	if (event.event === 'shared' || event.event === 'sending') {
		return event;
	}

	const {node, ...rest} = event;
	if (rest.event === 'line') {
		return rest.line.startsWith('warning:') ? {event: 'warning', message: rest.line.slice('warning:'.length).trim(), node: node.name} : undefined;
	}

	return {...rest, node: node.name, ...(rest.event === 'finished' ? {outcome: plainOutcome(rest.outcome)} : {})};
}

/** An outcome without the graph inside. */
export function plainOutcome(outcome: Outcome): object {
	switch (outcome.outcome) {
		case 'ran':
		case 'reused': {
			const {fingerprint, outputs, provenance} = outcome.result;
			const from = outcome.outcome === 'reused' && outcome.from ? {from: outcome.from} : {};
			return {outcome: outcome.outcome, ...from, fingerprint, outputs, durationMs: provenance.durationMs, peakMemoryBytes: provenance.peakMemoryBytes};
		}

		case 'skipped': {
			return {outcome: 'skipped', because: outcome.because.map(({name}) => name)};
		}

		case 'failed': {
			return {outcome: 'failed', error: outcome.error};
		}

		case 'cancelled': {
			return {outcome: 'cancelled'};
		}
	}
}

/** What is said of a node that ended. */
export function outcomeLine({node, outcome, durationMs}: Extract<RunEvent, {event: 'finished'}>, width: number, reason: string | undefined): string {
	const start = `${outcomeColors[outcome.outcome](outcome.outcome.padEnd(10))}${node.name.padEnd(width)}`;
	switch (outcome.outcome) {
		case 'ran': {
			const {peakMemoryBytes} = outcome.result.provenance;
			return `${start}  ${formatDuration(durationMs).padStart(12)}  ${formatBytes(peakMemoryBytes).padStart(8)}  ${pc.dim(reason ?? '')}`;
		}

		case 'failed': {
			const {message, facts = {}, hint, stack, name} = outcome.error;
			const body = name === 'UserError' ? [message, ...Object.entries(facts).map(([key, value]) => `${key}: ${value}`), ...(hint ? [hint] : [])].join('\n') : stack ?? message;
			return `${start}  ${formatDuration(durationMs).padStart(12)}\n${printable(body).split('\n').map(line => `          ${line}`).join('\n')}`;
		}

		case 'skipped': {
			return `${start}  because of ${outcome.because.map(({name}) => name).join(', ')}`;
		}

		case 'reused': {
			return outcome.from === 'shared' ? `${pc.green('fetched'.padEnd(10))}${node.name.padEnd(width)}  ${formatDuration(durationMs).padStart(12)}` : pc.dim(`reused    ${node.name}`);
		}

		default: {
			return pc.isColorSupported ? outcomeColors[outcome.outcome](`${outcome.outcome.padEnd(10)}${node.name}`) : start.trimEnd();
		}
	}
}

/** The beginning of a node that runs here or in another process. */
export function runningOf(event: Extract<RunEvent, {event: 'started' | 'elsewhere'}>): Running {
	const nowMs = performance.now();
	const common = {node: event.node, step: undefined, reportedMs: nowMs};
	return event.event === 'elsewhere'
		? {...common, startedMs: nowMs, expectedMs: undefined, isElsewhere: true}
		: {...common, startedMs: event.startedMs ?? nowMs, expectedMs: event.expectedMs, isElsewhere: false};
}

/** Units left at the mean speed so far; before the first step, what earlier runs took. */
export function etaMs({startedMs, expectedMs, step}: Pick<Running, 'startedMs' | 'expectedMs'> & {readonly step: Pick<Step, 'done' | 'total' | 'resumedFrom'> | undefined}, nowMs = performance.now()): number | undefined {
	const elapsedMs = nowMs - startedMs;
	// What was done before a resumption says nothing about the speed.
	const done = step ? step.done - step.resumedFrom : 0;
	if (step && done > 0) {
		return elapsedMs / done * (step.total - step.done);
	}

	return expectedMs === undefined ? undefined : Math.max(0, expectedMs - elapsedMs);
}

/** What is said of a node while it runs. */
export function liveLine(entry: Running, width: number): string {
	const {node, step, startedMs, isElsewhere} = entry;
	const left = etaMs(entry);
	const share = step ? step.done / Math.max(1, step.total) : 0;
	const cells = 20;
	const filled = Math.round(share * cells);
	const bar = step ? `${pc.cyan('━'.repeat(filled))}${pc.dim('─'.repeat(cells - filled))} ${step.done}/${step.total} ${step.unit}s` : pc.dim(isElsewhere ? 'in another process' : 'starting');
	const facts = [formatDuration(performance.now() - startedMs), ...(left === undefined ? [] : [`${formatDuration(left)} left`]), ...(step ? [formatBytes(step.memoryBytes)] : [])];
	return `${pc.cyan('running'.padEnd(10))}${node.name.padEnd(width)}  ${bar}  ${pc.dim(facts.join(' · '))}`;
}

function printProgress(running: ReadonlyMap<Node, Running>, width: number): void {
	for (const entry of running.values()) {
		const {node, step, startedMs} = entry;
		if (performance.now() - entry.reportedMs >= lineEveryMs && step) {
			entry.reportedMs = performance.now();
			const left = etaMs(entry);
			process.stderr.write(`running   ${node.name.padEnd(width)}  ${formatDuration(performance.now() - startedMs).padStart(12)}  ${formatBytes(step.memoryBytes).padStart(8)}  ${step.done}/${step.total} ${step.unit}s${left === undefined ? '' : `, ${formatDuration(left)} left`}\n`);
		}
	}
}
