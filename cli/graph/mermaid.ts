import {groupBy} from '../../engine/group-by.ts';
import {arrowColor, colors, textColor} from './colors.ts';
import type {Box, Drawing} from './drawing.ts';

/** A drawing as a Mermaid flowchart, which GitHub and many editors show in Markdown. */
export function toMermaid({boxes, arrows}: Drawing): string {
	const variants = groupBy(boxes, ({variant}) => variant);
	const states = (['fresh', 'stale', 'waiting', 'folder'] as const).filter(wanted => boxes.some(({state}) => state === wanted));
	return [
		'flowchart TD',
		...[...variants].flatMap(([variant, members], index) => (variant === undefined
			? members.map(box => `\t${statement(box)}`)
			: [`\tsubgraph v${index}["variant ${escape(variant)}"]`, ...members.map(box => `\t\t${statement(box)}`), '\tend', `\tstyle v${index} fill:#ffffff,stroke:${arrowColor},color:${textColor}`])),
		...arrows.map(({from, to, labels}) => `\t${from} -->${labels.length > 0 ? `|"${escape(labels.join(', '))}"|` : ''} ${to}`),
		...states.map(state => `\tclassDef ${state} fill:${colors[state].fill},stroke:${colors[state].line},color:${textColor}${state === 'waiting' ? ',stroke-dasharray:4' : ''}`),
		'',
	].join('\n');
}

function statement({id, title, lines, state}: Box): string {
	return `${id}["${[`<b>${escape(title)}</b>`, ...lines.map(line => escape(line))].join('<br/>')}"]:::${state}`;
}

/** Whatever could mean something to Mermaid, to Markdown or to HTML is written as its number. */
function escape(text: string): string {
	return text.replaceAll(/[^\p{Letter}\p{Number} ,.:·→…@+=/_()-]/gu, character => `#${character.codePointAt(0)!};`);
}
