import type {History} from '../../artifacts/records.ts';
import type {Place, ToyPoints, ToyRecord, ToyResult} from '../../artifacts/toy.ts';
import {signedText} from '../cell.ts';
import {htmlDocument, section} from '../document.ts';
import type {Line} from '../figures.ts';
import {html, type Html} from '../html.ts';
import {paperLink} from '../paper.ts';
import type {Provenance} from '../report.ts';
import {figure, legend} from '../sections/curves.ts';
import {factList, provenanceSection} from '../sections/provenance.ts';
import {resultTable} from '../sections/result-table.ts';
import {variantLooks, type VariantLook} from '../variant-look.ts';
import {toyLegend, toyPanel, type ToyAxes} from './figure.ts';
import type {ToySettings} from './paper.ts';
import {toyTable} from './tables.ts';

/** A network of the toy example with all that is shown of it. */
export type ToyModel = ToyResult & {
	/** Largest probability, row-major [resolution, resolution], from the lower left corner. */
	readonly confidenceGrid: Float64Array;
	/** Column `loss`, one row per step. */
	readonly history: History;
};

/** What the page is made from. */
export type ToyReport = {
	readonly points: ToyPoints;
	/** In the order they are shown. */
	readonly models: readonly ToyModel[];
	readonly settings: ToySettings;
	readonly inversion: {readonly start: Place; readonly targetClass: number; readonly confidence: number};
	readonly axes: ToyAxes;
	readonly provenance: Provenance;
};

/** Places on a loss curve; more would not be seen. */
const curvePlaces = 200;

/**
 * The toy example as one HTML page that needs no network: figure, table beside the paper, loss curves and provenance. Equal reports give equal bytes.
 * @throws {RangeError} when a number is not finite.
 */
export function toyPage({points, models, settings, inversion, axes, provenance}: ToyReport): string {
	const {start, targetClass, confidence} = inversion;
	const record: ToyRecord = {settings, results: models};
	const numClasses = Math.max(...points.labels) + 1;
	return htmlDocument({
		title: 'Label smoothing and model inversion: the toy example',
		question: 'Does label smoothing leave a trace that leads an attack to the training points?',
	}, {
		header: factList([
			['training points', points.labels.length],
			['classes', numClasses],
			['target class', targetClass],
			['start', `(${start.map(coordinate => signedText(coordinate)).join(', ')})`],
			['ends above a confidence of', confidence],
		]),
		main: html`
			${section('Where the attack ends', html`
				<p class="note">Fig. 1 of <a href="${paperLink}" rel="noreferrer">the paper</a>: networks of the same weights and data, trained with different smoothing factors α. A point starts in one class and follows the gradient of each network until it is taken for class ${targetClass}.</p>
				${toyLegend(numClasses, {targetClass, levels: axes.levels})}
				<div class="figures">${models.map(model => panel(model, {points, axes, targetClass}))}</div>
			`)}
			${section('Beside the paper', resultTable(toyTable(record, settings), {baselineOf: () => -1}))}
			${section('Training', lossCurves(models))}
			${section('Where the numbers come from', provenanceSection(provenance))}
		`,
	});
}

function panel(model: ToyModel, {points, axes, targetClass}: Pick<ToyReport, 'points' | 'axes'> & {readonly targetClass: number}): Html {
	const name = nameOf(model);
	const outcome = model.steps === null ? 'not confident enough' : `${model.steps} steps`;
	const distance = `distance ${model.distance.toFixed(3)}`;
	const svg = toyPanel({
		label: `${name}: ${outcome}, ${distance} from the end of the path to the nearest training point of class ${targetClass}`,
		points, inversion: model, confidence: model.confidenceGrid,
	}, axes);
	return html`<figure><figcaption>${name} <span class="quiet">${outcome}, ${distance}</span></figcaption>${svg}</figure>`;
}

function lossCurves(models: readonly ToyModel[]): Html {
	const named = models.map(model => ({name: nameOf(model), alpha: model.alpha}));
	const baseline = named.find(({alpha}) => alpha === 0) ?? named[0]!;
	const looks = variantLooks(named, baseline);
	return html`
		${legend(named.map(({name}) => name), looks)}
		<div class="figures">${figure('label smoothing loss', models.map(model => lossLine(model, looks.get(nameOf(model))!)), {
			label: 'loss per step, one line per smoothing factor', xLabel: 'step', xScale: 'log',
		})}</div>
	`;
}

/** The loss at places that are evenly spaced on a logarithmic axis. */
function lossLine({history: {columns: {loss = []}}}: ToyModel, look: VariantLook): Line {
	const places = [...new Set(Array.from({length: curvePlaces}, (_, index) => Math.round(loss.length ** (index / (curvePlaces - 1)))))];
	return {x: places, y: places.map(place => loss[place - 1]!), ...look};
}

function nameOf({alpha}: Pick<ToyResult, 'alpha'>): string {
	return `α = ${signedText(alpha)}`;
}
