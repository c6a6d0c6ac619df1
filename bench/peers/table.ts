import {markdownTable, median} from '../statistics.ts';
import type {Peer} from './peer.ts';
import {kinds, type Measured, type SizeResult} from './result.ts';

/** One size as a Markdown table, the fastest with nothing to do first. */
export function sizeTable({nodes, bareNodeMs, peers: measured}: SizeResult, peers: readonly Peer[]): string {
	const entries = peers.filter(({name}) => measured[name]).map(peer => ({peer, ...measured[peer.name]!}));
	const rows = entries
		.toSorted((a, b) => medianOf(a.nothing) - medianOf(b.nothing) || medianOf(a.cold) - medianOf(b.cold))
		.map(entry => [
			entry.peer.name.startsWith('ours') ? `**${entry.peer.title}**` : entry.peer.title,
			entry.peer.decidedBy,
			...kinds.map(kind => cell(entry[kind])),
			Number.isFinite(medianOf(entry.cold)) ? formatMs(medianOf(entry.cold) / nodes, 100) : '–',
		]);
	const table = markdownTable(['ms, medians', 'what decides', 'nothing to do', 'one leaf changed', 'cold', 'cold per node'], [
		['`node -e 0`', '–', formatMs(median(bareNodeMs)), '–', '–', '–'],
		...rows,
	], 2);
	return `### ${nodes.toLocaleString('en')} nodes\n\n${table}\n`;
}

/** What went wrong, or a dash where something else had gone wrong before. */
function cell({ms, problem}: Measured): string {
	return problem ?? (ms.length === 0 ? '–' : formatMs(median(ms)));
}

function medianOf({ms, problem}: Measured): number {
	return problem !== undefined || ms.length === 0 ? Number.POSITIVE_INFINITY : median(ms);
}

/** Rounded for people; the results file has all digits. @param wholeFrom from where on a digit after the point says nothing */
function formatMs(ms: number, wholeFrom = 10): string {
	return ms < wholeFrom ? ms.toFixed(1) : Math.round(ms).toLocaleString('en');
}
