import path from 'node:path';
import {describeError} from '../engine/error.ts';
import type {Outcome} from '../engine/event.ts';
import type {NodeState} from '../engine/plan.ts';
import type {Plan, WatchEvent} from '../engine/watch.ts';
import {formatReason, printable} from './format.ts';
import {numbersOf, type Numbers} from './numbers.ts';
import {outcomeLine, runningOf, type Running} from './reporter.ts';
import {goalTexts} from './run.ts';

/** What the screen of `pipeline watch` shows. */
export type WatchState = {
	/** What is kept up to date, such as `all goals`. */
	readonly goals: string;
	/** Nothing before the pipeline was first loaded. */
	readonly planned: {readonly fileCount: number; readonly changed: string; readonly durationMs: number; readonly at: Date} | undefined;
	/** What is wrong with the code, the params or the inputs; absent when nothing is. */
	readonly problem: string | undefined;
	/** What is wrong with the types, or that they are being checked. */
	readonly types: 'right' | 'checking' | 'unavailable' | readonly string[];
	readonly running: ReadonlyMap<string, Running>;
	/** Node → what it waits for or why it is stale, in the order of the graph. */
	readonly pending: ReadonlyMap<string, string>;
	/** Lines of nodes that failed, by node. */
	readonly failed: ReadonlyMap<string, string>;
	/** The latest warning of every node that warned. */
	readonly warnings: ReadonlyMap<string, string>;
	readonly nodeCount: number;
	readonly doneCount: number;
	readonly isRunning: boolean;
	readonly numbers: {readonly first: Numbers; readonly before: Numbers; readonly now: Numbers};
	/** Text forms of the goals. */
	readonly texts: readonly string[];
	/** As said by the first Ctrl-C. */
	readonly note: string;
};

const nothing: Numbers = new Map();

export function initialState(goals: readonly string[]): WatchState {
	return {
		goals: goals.length === 0 ? 'all goals' : goals.join(', '),
		planned: undefined,
		problem: undefined,
		types: 'right',
		running: new Map(),
		pending: new Map(),
		failed: new Map(),
		warnings: new Map(),
		nodeCount: 0,
		doneCount: 0,
		isRunning: false,
		numbers: {first: nothing, before: nothing, now: nothing},
		texts: [],
		note: '',
	};
}

/** The state after an event. */
export function nextState(state: WatchState, event: WatchEvent): WatchState {
	switch (event.event) {
		case 'planned': {
			const {plan, fileCount, durationMs, awaitsTypes} = event;
			return {
				...state,
				planned: {fileCount, changed: describeChanged(event.changed, plan.project.loaded.root), durationMs, at: new Date()},
				problem: undefined,
				types: awaitsTypes ? 'checking' : state.types,
				pending: pendingOf(plan),
			};
		}

		case 'broken': {
			return {...state, problem: printable(describeError(event.error))};
		}

		case 'types': {
			return {...state, types: typesOf(event.check)};
		}

		case 'started': {
			const {plan} = event;
			return {...state, running: new Map(), failed: new Map(), warnings: new Map(), pending: pendingOf(plan), nodeCount: plan.nodes.length, doneCount: 0, isRunning: true};
		}

		case 'run': {
			return afterRunEvent(state, event.run);
		}

		case 'completed': {
			const now = numbersOf(event.outcomes, event.plan.project.store);
			const {first, now: before} = state.numbers;
			return {
				...state,
				isRunning: false,
				numbers: {first: first.size === 0 ? now : first, before, now},
				texts: goalTexts(event.plan.project, event.outcomes),
			};
		}
	}
}

/** `losses/poincare.ts`, or `a.ts, b.ts and 12 more`. */
export function describeChanged(files: readonly string[], root: string): string {
	const names = files.map(file => printable(path.relative(root, file))).toSorted();
	const hidden = names.length - changedShown;
	return hidden > 0 ? `${names.slice(0, changedShown).join(', ')} and ${hidden} more` : names.join(', ');
}

const changedShown = 3;

/** Why a node does not have its result yet; absent for one that has. */
export function describePending(state: NodeState): string | undefined {
	switch (state.state) {
		case 'fresh': {
			return undefined;
		}

		case 'stale': {
			return `stale: ${printable(formatReason(state.why))}`;
		}

		case 'waiting': {
			return `waits for ${state.inputs.map(({name}) => name).join(', ')}`;
		}
	}
}

function pendingOf({states}: Plan): ReadonlyMap<string, string> {
	return new Map([...states].flatMap(([{name}, state]) => {
		const text = describePending(state);
		return text === undefined ? [] : [[name, text] as const];
	}));
}

function typesOf(check: Extract<WatchEvent, {event: 'types'}>['check']): WatchState['types'] {
	switch (check.check) {
		case 'right':
		case 'unavailable': {
			return check.check;
		}

		case 'wrong': {
			return check.errors.map(error => printable(error));
		}
	}
}

function afterRunEvent(state: WatchState, event: Extract<WatchEvent, {event: 'run'}>['run']): WatchState {
	switch (event.event) {
		case 'started':
		case 'elsewhere': {
			const {name} = event.node;
			return {...state, running: new Map([...state.running, [name, runningOf(event)]]), pending: without(state.pending, name)};
		}

		case 'step': {
			const {name} = event.node;
			const entry = state.running.get(name);
			return entry ? {...state, running: new Map([...state.running, [name, {...entry, step: event}]])} : state;
		}

		case 'finished': {
			const {name} = event.node;
			const hasFailed = event.outcome.outcome === 'failed';
			return {
				...state,
				running: without(state.running, name),
				pending: pendingAfter(state.pending, name, event.outcome),
				failed: hasFailed ? new Map([...state.failed, [name, outcomeLine(event, name.length, undefined)]]) : state.failed,
				doneCount: state.doneCount + 1,
			};
		}

		case 'line': {
			const {node, line} = event;
			return line.startsWith('warning:') ? {...state, warnings: new Map([...state.warnings, [node.name, printable(line)]])} : state;
		}

		case 'shared': {
			return {...state, warnings: new Map([...state.warnings, ['shared cache', printable(event.message)]])};
		}

		case 'sending':
		case 'damaged': {
			return state;
		}
	}
}

/** What is skipped stays pending: it runs when what it waits for is mended. */
function pendingAfter(pending: ReadonlyMap<string, string>, name: string, outcome: Outcome): ReadonlyMap<string, string> {
	return outcome.outcome === 'skipped'
		? new Map([...pending, [name, `waits for ${outcome.because.map(input => input.name).join(', ')}`]])
		: without(pending, name);
}

function without<Value>(map: ReadonlyMap<string, Value>, name: string): ReadonlyMap<string, Value> {
	return new Map([...map].filter(([key]) => key !== name));
}
