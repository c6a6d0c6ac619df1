import type {Difference} from '../engine/fingerprint.ts';
import type {Reason} from '../engine/plan.ts';
import {formatCodeChanges} from './code-changes.ts';

/** `0.3 s`, `42 s`, `3 min 05 s`, `2 h 10 min`. */
export function formatDuration(ms: number): string {
	const seconds = ms / 1000;
	if (seconds < 10) {
		return `${seconds.toFixed(1)} s`;
	}

	const whole = Math.round(seconds);
	if (whole < 60) {
		return `${whole} s`;
	}

	const minutes = Math.floor(whole / 60);
	return minutes < 60 ? `${minutes} min ${String(whole % 60).padStart(2, '0')} s` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** The same, in days where it takes more than two. */
export function formatLongDuration(ms: number): string {
	const days = ms / 86_400_000;
	return days > 2 ? count(Math.round(days), 'day') : formatDuration(ms);
}

/** `40 min`, `5 h`, `12 days`. */
export function formatAge(ms: number): string {
	const hours = ms / 3_600_000;
	if (hours < 1) {
		return `${Math.max(0, Math.round(hours * 60))} min`;
	}

	return hours < 48 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} days`;
}

/** `1 result`, `2 results`. */
export function count(number: number, noun: string): string {
	return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/** `812 B`, `12 kB`, `98.3 MB`, in powers of ten. */
export function formatBytes(bytes: number): string {
	const units = ['B', 'kB', 'MB', 'GB', 'TB'];
	const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
	const value = bytes / (1000 ** power);
	return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}

/** `812 `, `12.3 M`, `4.1 T`: an amount of something, whose unit follows. */
export function formatAmount(amount: number): string {
	const prefixes = ['', 'k', 'M', 'G', 'T', 'P', 'E'];
	const power = Math.min(prefixes.length - 1, Math.floor(Math.log10(Math.max(1, amount)) / 3));
	const value = amount / (1000 ** power);
	return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${prefixes[power]}`;
}

/** How many differences fit on a line; `pipeline why` shows all. */
const differencesShown = 3;

/** How much of a value is shown. */
const valueLength = 60;

/** Why a node has to run, on one line. */
export function formatReason(reason: Reason): string {
	switch (reason.reason) {
		case 'never-ran': {
			return 'never ran';
		}

		case 'object-missing': {
			return `its output ${reason.outputs.join(', ')} is gone from the cache`;
		}

		case 'changed': {
			const shown = reason.differences.slice(0, differencesShown).map(difference => (difference.what === 'code' ? printable(formatCodeChanges(reason.codeChanges())) : formatDifference(difference)));
			const hidden = reason.differences.length - shown.length;
			return [...shown, ...(hidden > 0 ? [`and ${hidden} more`] : [])].join('; ');
		}
	}
}

/** `params.learningRate 0.01 → 0.02`; hashes are named, not printed. */
function formatDifference({what, before, now}: Difference): string {
	return what === 'seed' || what.startsWith('input ') ? `${what} changed` : `${what} ${formatValue(before)} → ${formatValue(now)}`;
}

export function formatValue(value: unknown): string {
	const text = value === undefined || value === null ? 'none' : JSON.stringify(value);
	return text.length > valueLength ? `${text.slice(0, valueLength)}…` : text;
}

/** Makes text from outside safe for a terminal: control characters become visible. */
export function printable(text: string): string {
	return text.replaceAll(/[^\P{Control}\n\t]/gu, character => `\\x${character.codePointAt(0)!.toString(16).padStart(2, '0')}`);
}
