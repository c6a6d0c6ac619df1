import pc from 'picocolors';
import {printable} from '../format.ts';
import type {Finding} from './finding.ts';

const colors: Record<Finding['status'], (text: string) => string> = {ok: pc.green, note: pc.dim, warning: pc.yellow, problem: pc.red};

/** A line per finding, its further lines and its hint below. */
export function linesOf(findings: readonly Finding[]): readonly string[] {
	const width = Math.max(...findings.map(({check}) => check.length));
	const indent = ' '.repeat(10 + width + 2);
	return findings.flatMap(({check, status, found, hint}) => {
		const [first, ...rest] = printable(found).split('\n');
		return [
			`${colors[status](status.padEnd(10))}${check.padEnd(width)}  ${first}`,
			...rest.map(line => `${indent}${line}`),
			...(hint === undefined ? [] : [pc.dim(`${indent}${printable(hint)}`)]),
		];
	});
}
