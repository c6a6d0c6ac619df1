import {groupBy} from '../../engine/group-by.ts';
import {arrowColor, colors, textColor} from './colors.ts';
import type {Box, Drawing} from './drawing.ts';

/** A font whose widths Graphviz knows everywhere, bold ones too. */
const font = 'Helvetica';

/** A drawing in Graphviz's language. */
export function toDot({boxes, arrows}: Drawing): string {
	const variants = groupBy(boxes, ({variant}) => variant);
	return [
		'digraph pipeline {',
		`\tgraph [rankdir=TB, bgcolor="#ffffff", pad=0.3, nodesep=0.25, ranksep=0.4, fontname="${font}", fontsize=12, fontcolor="${textColor}"]`,
		`\tnode [shape=box, fontname="${font}", fontsize=12, fontcolor="${textColor}", margin="0.2,0.08"]`,
		`\tedge [color="${arrowColor}", arrowsize=0.7, fontname="${font}", fontsize=9, fontcolor="${arrowColor}"]`,
		...[...variants].flatMap(([variant, members], index) => (variant === undefined
			? members.map(box => `\t${statement(box)}`)
			: [`\tsubgraph cluster_${index} {`, `\t\tlabel=${quote(`variant ${variant}`)}; color="${arrowColor}"; style="rounded,dashed"`, ...members.map(box => `\t\t${statement(box)}`), '\t}'])),
		...arrows.map(({from, to, labels}) => `\t${from} -> ${to}${labels.length > 0 ? ` [label=${quote(labels.join(', '))}]` : ''}`),
		'}',
		'',
	].join('\n');
}

function statement({id, title, lines, state}: Box): string {
	const {fill, line} = colors[state];
	const label = [`<b>${escapeMarkup(title)}</b>`, ...lines.map(text => `<font point-size="10">${escapeMarkup(text)}</font>`)].join('<br/>');
	const style = `filled${state === 'folder' ? '' : ',rounded'}${state === 'waiting' ? ',dashed' : ''}`;
	return `${id} [label=<${label}>, style="${style}", fillcolor="${fill}", color="${line}", penwidth=${state === 'stale' ? 2 : 1}, tooltip=${quote([title, ...lines].join(', '))}]`;
}

/** A quoted text in which nothing has a meaning: in labels, a backslash would start an escape such as `\N`. */
function quote(text: string): string {
	return `"${visible(text).replaceAll('\\', '\\\\').replaceAll('"', String.raw`\"`)}"`;
}

/** In markup too, a backslash would start an escape. */
function escapeMarkup(text: string): string {
	return visible(text).replaceAll('&', '&amp;').replaceAll('\\', '\\\\').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** One line: control characters, line breaks too, become visible. */
function visible(text: string): string {
	return text.replaceAll(/\p{Control}/gu, character => `\\x${character.codePointAt(0)!.toString(16).padStart(2, '0')}`);
}
