import {markdownTable, median} from '../timing.ts';
import {kinds, type Kind, type Measured} from './contestant.ts';
import type {Peer} from './peer.ts';
import type {SizeResult} from './round.ts';

/** One size as a Markdown table, the fastest with nothing to do first. */
export function sizeTable({nodes, bareNodeMs, peers: measured}: SizeResult, peers: readonly Peer[]): string {
	const entries = peers.filter(({name}) => measured[name]).map(peer => ({peer, ...measured[peer.name]!}));
	const rows = entries
		.toSorted((a, b) => medianOf(a.nothing) - medianOf(b.nothing) || medianOf(a.cold) - medianOf(b.cold))
		.map(entry => [
			entry.peer.name.startsWith('ours') ? `**${entry.peer.title}**` : entry.peer.title,
			entry.peer.decidedBy,
			...kinds.map(kind => cell(entry[kind], kind, entry)),
			Number.isFinite(medianOf(entry.cold)) ? (medianOf(entry.cold) / nodes).toFixed(1) : '–',
		]);
	const table = markdownTable(['ms, medians', 'what decides', 'nothing to do', 'one leaf changed', 'cold', 'cold per node'], [
		['`node -e 0`', formatMs(median(bareNodeMs)), '–', '–', '–', '–'],
		...rows,
	], 2);
	return `### ${nodes.toLocaleString('en')} nodes\n\n${table}\n`;
}

/** What went wrong, or a dash where another kind of run has gone wrong before. */
function cell({ms, problem}: Measured, kind: Kind, all: Readonly<Record<Kind, Measured>>): string {
	if (problem !== undefined) {
		return problem;
	}

	const isOut = kinds.some(other => other !== kind && all[other].problem !== undefined);
	return ms.length === 0 || (isOut && kind === 'nothing') ? '–' : formatMs(median(ms));
}

function medianOf({ms, problem}: Measured): number {
	return problem !== undefined || ms.length === 0 ? Number.POSITIVE_INFINITY : median(ms);
}

/** Rounded for people; the results file has all digits. */
function formatMs(ms: number): string {
	return ms < 10 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en');
}
