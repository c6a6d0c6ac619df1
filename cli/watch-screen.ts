import {stripVTControlCharacters} from 'node:util';
import pc from 'picocolors';
import {formatMove} from './numbers.ts';
import {liveLine} from './reporter.ts';
import type {WatchState} from './watch-state.ts';

export type ScreenSize = {readonly columns: number; readonly rows: number};

/** How many stale and waiting nodes are named. */
const pendingShown = 6;

/** How many lines of a problem are shown. */
const problemLines = 12;

/** The whole screen: what is wrong, what runs, what is stale and why, and the numbers. It never has more lines than there are rows. */
export function screenLines(state: WatchState, {columns, rows}: ScreenSize): readonly string[] {
	const top = [headline(state), ...problems(state)];
	const middle = activity(state);
	const bottom = [...section(numberLines(state)), ...state.texts.flatMap(text => section(text.split('\n')))];
	const lines = [...top, ...section(middle), ...bottom];
	// The cursor stands on the line below.
	const room = Math.max(1, rows - 1);
	const shown = lines.length > room ? [...lines.slice(0, room - 1), pc.dim(`… ${lines.length - room + 1} more lines`)] : lines;
	return shown.map(line => truncate(line, columns));
}

function headline({goals, planned, note}: WatchState): string {
	const facts = planned === undefined ? [] : planFacts(planned);
	const wishes = note === '' ? [] : [note];
	return `${pc.bold('watching'.padEnd(10))}${[goals, ...facts].join(' · ')}${pc.yellow(wishes.map(text => ` · ${text}`).join(''))}`;
}

function planFacts({fileCount, changed, durationMs, at}: NonNullable<WatchState['planned']>): readonly string[] {
	const took = `${Math.round(durationMs)} ms`;
	return [`${fileCount} files`, changed === '' ? `planned in ${took}` : `${changed} changed at ${at.toTimeString().slice(0, 8)}, re-planned in ${took}`];
}

function problems({problem, types, failed, warnings}: WatchState): readonly string[] {
	const texts = [
		...(problem === undefined ? [] : [labelled('error', problem)]),
		...(typeof types === 'string' ? [] : [labelled('types', [...types, 'The last good pipeline goes on.'].join('\n'))]),
		...failed.values(),
		...[...warnings].map(([name, text]) => `${pc.yellow('warning'.padEnd(10))}${name}  ${text.replace(/^warning:\s*/, '').replaceAll('\n', `\n${' '.repeat(10)}`)}`),
	];
	return texts.flatMap(text => {
		const lines = text.split('\n');
		return lines.length > problemLines ? [...lines.slice(0, problemLines), `${' '.repeat(10)}… ${lines.length - problemLines} more lines`] : lines;
	});
}

function labelled(label: string, text: string): string {
	return `${pc.red(label.padEnd(10))}${text.replaceAll('\n', `\n${' '.repeat(10)}`)}`;
}

function activity({running, pending, types, isRunning, doneCount, nodeCount}: WatchState): readonly string[] {
	const names = [...running.keys(), ...[...pending.keys()].slice(0, pendingShown)];
	const width = Math.max(0, ...names.map(name => name.length));
	const hidden = pending.size - pendingShown;
	const checking = types === 'checking' ? [pc.dim('checking types; what is stale starts when they are right')] : [];
	const unavailable = types === 'unavailable' ? [pc.yellow('the type checker ended; types are not checked any more')] : [];
	return [
		...[...running.values()].map(entry => liveLine(entry, width)),
		...[...pending].slice(0, pendingShown).map(([name, why]) => pendingLine(name.padEnd(width), why)),
		...(hidden > 0 ? [pc.dim(`${' '.repeat(10)}and ${hidden} more`)] : []),
		...checking,
		...unavailable,
		pc.dim(isRunning ? `${doneCount} of ${nodeCount} nodes` : summary(pending.size, nodeCount)),
	];
}

function summary(pendingCount: number, nodeCount: number): string {
	return pendingCount === 0 ? `all ${nodeCount} nodes are fresh` : `${pendingCount} of ${nodeCount} nodes are not fresh`;
}

function pendingLine(name: string, why: string): string {
	const [first, rest] = why.startsWith('stale: ') ? ['stale', why.slice('stale: '.length)] : ['waiting', why];
	return `${pc.yellow(first.padEnd(10))}${name}  ${pc.dim(rest)}`;
}

/** Numbers that have moved come first. */
function numberLines({numbers: {first, before, now}}: WatchState): readonly string[] {
	const width = Math.max(0, ...[...now.keys()].map(name => name.length));
	const rows = [...now].map(([name, value]) => {
		const move = formatMove(before.get(name), value);
		const total = formatMove(first.get(name), value);
		const since = move !== total && total.includes('→') ? `, since the start ${total}` : '';
		return {line: `${name.padEnd(width)}  ${move}${since}`, hasMoved: move.includes('→')};
	});
	return [...rows.filter(({hasMoved}) => hasMoved).map(({line}) => pc.bold(line)), ...rows.filter(({hasMoved}) => !hasMoved).map(({line}) => line)];
}

function section(lines: readonly string[]): readonly string[] {
	return lines.length === 0 ? [] : ['', ...lines];
}

/** A colour, and what comes before the next one. */
const coloured = /^(.\[[\d;]*m)?(.*)$/su;

/** Cuts a line to the width of the terminal; colours take no room, and end where the line is cut. */
function truncate(line: string, columns: number): string {
	if (stripVTControlCharacters(line).length <= columns) {
		return line;
	}

	let room = columns - 1;
	let cut = '';
	for (const part of line.split(/(?=\p{Control}\[)/u)) {
		const [, color = '', text = ''] = coloured.exec(part)!;
		const shown = [...text].slice(0, room);
		cut += color + shown.join('');
		room -= shown.length;
	}

	return `${cut}…`;
}
