import * as plot from '@observablehq/plot';
import type {CalibrationBin, Reliability} from '../../artifacts/analyses.ts';
import type {Cell, Table} from '../../artifacts/table.ts';
import {signedText} from '../cell.ts';
import {htmlDocument, section} from '../document.ts';
import {draw} from '../drawing.ts';
import {html, type Html} from '../html.ts';
import {paperLink} from '../paper.ts';
import type {Provenance} from '../report.ts';
import {factList, provenanceSection} from '../sections/provenance.ts';
import {resultTable} from '../sections/result-table.ts';
import {swatch} from '../variant-look.ts';
import type {Compared} from './compared.ts';

type Reliabilities = ReadonlyArray<Compared<Reliability>>;

/** One row per variant: calibration error, and whether the model is too sure of itself. */
export function reliabilityTable(variants: Reliabilities): Table {
	return {
		title: 'Calibration of the target models on the test images',
		columns: [
			{name: 'variant', format: 'text'},
			{name: 'α', format: 'number'},
			{name: 'ECE', format: 'fixed3'},
			{name: 'accuracy', format: 'percent'},
			{name: 'mean confidence', format: 'percent'},
			{name: 'confidence of exactly 1', format: 'percent'},
		],
		rows: variants.map(({name, alpha, value: {ece, accuracy, confidence, bins}}) => [name, alpha, ece, accuracy, confidence, bins.at(-1)!.count / countOf(bins)]),
		notes: ['ECE: root of the mean square of the gaps between accuracy and confidence, weighted by the bins’ counts. Confidences of exactly 1 form a bin of their own: negative smoothing saturates the softmax in 32 bits.'],
	};
}

/** One row per variant and bin, in full precision; empty where a bin is. */
export function reliabilityCsvTable(variants: Reliabilities): Table {
	return {
		title: 'Reliability',
		columns: [{name: 'variant', format: 'text'}, ...['α', 'from', 'to', 'count', 'confidence', 'accuracy', 'gap'].map(name => ({name, format: 'number'} as const))],
		rows: variants.flatMap(({name, alpha, value: {bins}}) => bins.map(({lower, upper, count, confidence, accuracy}): Cell[] =>
			[name, alpha, lower, upper, count, confidence ?? '', accuracy ?? '', confidence === null || accuracy === null ? '' : accuracy - confidence])),
		notes: [],
	};
}

/** Reliability diagrams as one HTML page that needs no network. Equal results give equal bytes. */
export function reliabilityPage(variants: Reliabilities, provenance: Provenance): string {
	return htmlDocument({title: 'Reliability diagrams', question: 'Are the target models right as often as they claim to be, and how does label smoothing change that?'}, {
		header: factList([
			['target models', variants.length],
			['test images', countOf(variants[0]?.value.bins ?? [])],
			['bins', `${(variants[0]?.value.bins.length ?? 1) - 1} + 1`],
			['seed', provenance.seed],
			['backend', provenance.backend],
		]),
		main: html`
			${reliabilitySection(variants)}
			${section('Where the numbers come from', provenanceSection(provenance))}
		`,
	});
}

/** Diagrams and table. */
export function reliabilitySection(variants: Reliabilities): Html {
	return section('Accuracy against confidence', html`
		<p>Test images by the confidence of the model’s top prediction. Bars show how many of them are classified correctly, the short lines their mean confidence, the shading the gap between the two: where bars end below the diagonal the model claims too much, where they rise above it too little. Below, the share of images in each bin; the narrow bar at the right end is a confidence of exactly 1. These bins give the ECE of the result table (<a href="${paperLink}" rel="noreferrer">the paper</a>, appendix C).</p>
		<ul class="legend"><li>${block('var(--text)', 0.65)}accuracy</li><li>${block('var(--stronger)', 0.35)}gap: more confident than right</li><li>${block('var(--weaker)', 0.35)}gap: more often right than confident</li></ul>
		<div class="figures">${variants.map(({name, alpha, look, value}) => html`
			<figure><figcaption>${swatch(look)}<bdi>${name}</bdi> <span class="quiet">α = ${signedText(alpha)}, ECE ${value.ece.toFixed(3)}</span></figcaption>${diagram(name, look.colour, value)}</figure>
		`)}</div>
		${resultTable(reliabilityTable(variants), {baselineOf: () => -1, rowMark: row => swatch(variants[row]!.look)})}
	`);
}

function countOf(bins: readonly CalibrationBin[]): number {
	return bins.reduce((sum, {count}) => sum + count, 0);
}

function block(colour: string, opacity: number): Html {
	return html`<svg class="swatch" width="14" height="12" aria-hidden="true"><rect width="14" height="12" fill="${colour}" fill-opacity="${opacity}"/></svg>`;
}

/** Room for the bin of confidences of exactly 1, which has no width of its own. */
const lastWidth = 0.06;

const axis = {labelArrow: 'none', ticks: [0, 0.2, 0.4, 0.6, 0.8, 1], tickFormat: String};

const sides = {x1: 'x1', x2: 'x2', insetLeft: 1, insetRight: 1};

/** A filled bin: where it stands, the share of all samples it holds, and what they are like. */
type Bar = {readonly x1: number; readonly x2: number; readonly share: number; readonly count: number; readonly accuracy: number; readonly confidence: number};

function diagram(name: string, colour: string, {bins}: Reliability): Html {
	const total = countOf(bins);
	const filled = bins.flatMap(({lower, upper, count, confidence, accuracy}): Bar[] => (confidence === null || accuracy === null
		? []
		: [{x1: lower, x2: upper > lower ? upper : upper + lastWidth, share: count / total, count, accuracy, confidence}]));
	const x = {...axis, domain: [0, 1 + lastWidth]};
	const frame = {marginLeft: 46, marginRight: 8};
	const label = `Reliability diagram of ${name}: ${filled.map(({x1, accuracy, confidence, count}) => `from ${x1} on ${count} images, confidence ${confidence.toFixed(2)}, accuracy ${accuracy.toFixed(2)}`).join('; ')}`;
	const gapColour = ({accuracy, confidence}: Bar) => (confidence > accuracy ? 'var(--stronger)' : 'var(--weaker)');
	return html`${draw({label, width: 340, height: 260}, {
		...frame, marginTop: 8, marginBottom: 20,
		x: {...x, label: null},
		y: {...axis, domain: [0, 1], grid: true, label: null},
		marks: [
			plot.rect(filled, {...sides, y1: 0, y2: ({accuracy, confidence}: Bar) => Math.min(accuracy, confidence), fill: colour, fillOpacity: 0.65}),
			plot.rect(filled, {...sides, y1: 'accuracy', y2: 'confidence', fill: gapColour, fillOpacity: 0.35}),
			plot.rect(filled, {...sides, y1: 0, y2: 'accuracy', stroke: colour, strokeWidth: 1.25}),
			plot.link(filled, {x1: 'x1', x2: 'x2', y1: 'confidence', y2: 'confidence', stroke: 'currentColor', strokeWidth: 1.75}),
			plot.link([0], {x1: 0, y1: 0, x2: 1, y2: 1, stroke: 'currentColor', strokeOpacity: 0.6, strokeDasharray: '4 3'}),
			plot.ruleY([0]),
		],
	})}${draw({label: `Share of the test images per bin of confidence of ${name}`, width: 340, height: 100}, {
		...frame, marginTop: 14, marginBottom: 34,
		x: {...x, label: 'confidence'},
		y: {domain: [0, 1], grid: true, ticks: [0, 0.5, 1], label: null, tickFormat: (value: number) => `${value * 100} %`},
		marks: [
			plot.rect(filled, {...sides, y1: 0, y2: 'share', fill: colour, fillOpacity: 0.5}),
			plot.text(filled, {x: ({x1, x2}: Bar) => (x1 + x2) / 2, y: 'share', text: 'count', dy: -6, fontSize: 9}),
			plot.ruleY([0]),
		],
	})}`;
}
