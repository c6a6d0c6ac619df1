import * as plot from '@observablehq/plot';
import {signedText} from '../cell.ts';
import {htmlDocument, optionalSection, section} from '../document.ts';
import {draw} from '../drawing.ts';
import {html, type Html} from '../html.ts';
import {paperLink} from '../paper.ts';
import type {Provenance} from '../report.ts';
import {factList, provenanceSection} from '../sections/provenance.ts';
import {resultTable} from '../sections/result-table.ts';
import {variantLooks} from '../variant-look.ts';
import {ablationTables, startAdvantages, startColumns, startTable, type AblatedRun, type AblatedStage, type StartAdvantage} from './ablations.ts';

const headings = {
	sampling: 'Another model chooses the starts', optimization: 'Another model is optimized against', selection: 'Another model selects the results',
} as const satisfies Record<AblatedStage, string>;

/** The stage ablations as one HTML page that needs no network. Equal results give equal bytes. @throws {UserError} when no two runs can be compared. */
export function ablationsPage(runs: readonly AblatedRun[], provenance: Provenance): string {
	return htmlDocument({title: 'Stage ablations', question: 'In which stage of the attack does label smoothing help or hinder: choosing starts, optimizing them, or selecting results?'}, {
		header: factList([['variants', runs.length], ['seed', provenance.seed], ['backend', provenance.backend]]),
		main: html`
			${ablationSections(runs)}
			${section('Where the numbers come from', provenanceSection(provenance))}
		`,
	});
}

/** Tables of all stages, and the figure of the starts alone. @throws {UserError} when no two runs can be compared. */
export function ablationSections(runs: readonly AblatedRun[]): Html {
	return html`
		${ablationTables(runs).map(({stage, table, baselines}, index) => section(headings[stage], html`
			${index === 0 && html`<p class="note">Each row of ours stands above that of <a href="${paperLink}" rel="noreferrer">the paper</a> (ResNet-152 on FaceScrub, squared distances, other feature spaces): compare the directions against α = 0, not the sizes.</p>`}
			${resultTable(table, {baselineOf: row => baselines[row]!, baselineName: `${stage} α = 0`})}
		`))}
		${optionalSection('The starts alone', startSection(startAdvantages(runs)))}
	`;
}

function startSection(starts: readonly StartAdvantage[]): Html | undefined {
	return starts.length === 0
		? undefined
		: html`
			<p>In the form of Fig. 6 (a): the images of the chosen starts before any optimization, as advantage over the starts that the model without smoothing chooses.</p>
			<figure class="wide">${startFigure(starts)}</figure>
			${resultTable(startTable(starts), {baselineOf: () => starts.findIndex(({alpha}) => alpha === 0), baselineName: 'sampling α = 0'})}
		`;
}

/** Bars of advantage by metric, one per smoothing factor other than 0. */
function startFigure(starts: readonly StartAdvantage[]): Html {
	const named = starts.map(({alpha}) => ({name: signedText(alpha), alpha}));
	const looks = variantLooks(named, named.find(({alpha}) => alpha === 0)!);
	const bars = starts.filter(({alpha}) => alpha !== 0).flatMap(({alpha, advantages}) => advantages.map((advantage, index) => ({
		metric: startColumns[index]!.name.replace('_', ' '), alpha: `α = ${signedText(alpha)}`, advantage: advantage ?? 0, colour: looks.get(signedText(alpha))!.colour,
		text: advantage === undefined ? '–' : `${advantage > 0 ? '+' : ''}${signedText(Number((100 * advantage).toFixed(1)))} %`,
	})));
	const label = `Relative advantage of the starts over those of α = 0: ${bars.map(({metric, alpha, text}) => `${metric}, ${alpha}: ${text}`).join('; ')}`;
	return draw({label, width: 760, height: 280}, {
		marginLeft: 52, marginTop: 30, marginBottom: 30, marginRight: 10,
		fx: {label: null, domain: startColumns.map(({name}) => name.replace('_', ' ')), padding: 0.15},
		x: {label: null, domain: [...new Set(bars.map(({alpha}) => alpha))], padding: 0.2, tickSize: 0},
		y: {label: null, grid: true, ticks: 5, inset: 14, tickFormat: (value: number) => `${signedText(Number((100 * value).toPrecision(6)))} %`},
		marks: [
			plot.barY(bars, {fx: 'metric', x: 'alpha', y: 'advantage', fill: 'colour', fillOpacity: 0.8}),
			plot.text(bars.filter(({advantage}) => advantage >= 0), {fx: 'metric', x: 'alpha', y: 'advantage', text: 'text', dy: -8}),
			plot.text(bars.filter(({advantage}) => advantage < 0), {fx: 'metric', x: 'alpha', y: 'advantage', text: 'text', dy: 9}),
			plot.ruleY([0]),
		],
	});
}
