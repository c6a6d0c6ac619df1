import type {Sensitivity} from '../../artifacts/sensitivity.ts';
import type {AdvantageKind} from '../../metrics/advantage.ts';
import type {Line} from '../figures.ts';
import {html, type Html} from '../html.ts';
import {attackColumns, metricColumns, type AttackMetricColumn} from '../metric-columns.ts';
import {columnHeading} from '../sections/result-table.ts';
import {figure, legend} from '../sections/curves.ts';
import type {VariantLook} from '../variant-look.ts';
import {
	alphaPath, comparedPath, defensePath, isBaseline, samplesPath,
} from './analysis.ts';
import {paperAdvantage, paperRows, type PaperRow} from './paper.ts';
import {axisOf, figureOptions, lineOf, seriesOver, type Axis, type Series} from './series.ts';
import {hasAdvantage} from './tables.ts';
import {baselineWords} from './words.ts';

/** What the figures show: enough to see whether metrics agree, few enough to look at. */
const shownMetrics: ReadonlySet<string> = new Set(['testAccuracy', 'attackAccuracyTop1', 'faceDistance', 'fid', 'knowledgeExtractionTrain']);
const shown = metricColumns.filter(({metric}) => shownMetrics.has(metric));
const shownAttack = attackColumns.filter(({metric}) => shownMetrics.has(metric));

/** A line of the paper beside ours. */
type PaperSeries = {readonly name: string; readonly look: VariantLook; readonly lineOf: (column: AttackMetricColumn) => Line};

/** Advantage over α = 0 against the smoothing factor, the form of the paper's Fig. 2 (b). Nothing when there is no advantage. */
export function smoothingFigures(sensitivity: Sensitivity, kind: AdvantageKind): Html | undefined {
	const {paths} = sensitivity;
	if (comparedPath(paths) !== alphaPath || !hasAdvantage(sensitivity)) {
		return undefined;
	}

	const paper = paths.length === 1
		? ['FaceScrub', 'CelebA'].map((dataset, index) => paperSeries(
			{name: `paper, ${dataset}`, look: {colour: 'var(--base)', dash: index === 0 ? '6 3' : '2 3'}},
			{rows: paperRows(paths), kind},
			{isShown: row => row.dataset === dataset, xOf: ({alpha}) => alpha},
		))
		: [];
	return advantageFigures(seriesOver(sensitivity, alphaPath), paper, {ownAxis: axisOf(sensitivity, alphaPath), kind});
}

/** Advantage over no defence, a place per defence. Nothing when there is no such advantage. */
export function defenseFigures(sensitivity: Sensitivity, kind: AdvantageKind): Html | undefined {
	const {paths, cells} = sensitivity;
	if (comparedPath(paths) !== defensePath || !hasAdvantage(sensitivity)) {
		return undefined;
	}

	const defended = {...sensitivity, cells: cells.filter(cell => !isBaseline(paths, cell))};
	return advantageFigures(seriesOver(defended, defensePath), [], {ownAxis: axisOf(defended, defensePath), kind, over: baselineWords(paths).name});
}

/** Advantage over α = 0 against samples per class with a line per α, the form of the paper's Fig. 2 (a). Nothing unless both are swept. */
export function samplesFigures(sensitivity: Sensitivity, kind: AdvantageKind): Html | undefined {
	const {paths, cells} = sensitivity;
	if (!paths.includes(samplesPath) || comparedPath(paths) !== alphaPath || !hasAdvantage(sensitivity)) {
		return undefined;
	}

	const series = seriesOver({...sensitivity, cells: cells.filter(({alpha}) => alpha !== 0)}, samplesPath);
	const paper = paths.length === 2
		? series.flatMap(({name, look, cells: [first]}) => [0.1, -0.05].filter(alpha => alpha === first?.alpha).map(alpha => paperSeries(
			{name: `paper, FaceScrub, ${name}`, look: {...look, dash: '6 3'}},
			{rows: paperRows(paths), kind},
			{isShown: row => row.dataset === 'FaceScrub' && row.alpha === alpha, xOf: ({samples = 0}) => samples},
		)))
		: [];
	return advantageFigures(series, paper, {ownAxis: axisOf(sensitivity, samplesPath), kind});
}

/** The metrics themselves against one of the swept params, with standard deviations where there are several seeds. */
export function metricFigures(sensitivity: Sensitivity, path: string): Html {
	const series = seriesOver(sensitivity, path);
	const axis = axisOf(sensitivity, path);
	return html`${namesOf(series)}<div class="figures">${shown.map(column => figure(
		columnHeading({name: column.name, format: 'text'}),
		series.map(one => lineOf(one, axis, ({metrics}) => metrics[column.metric])),
		figureOptions(column, axis, column.name),
	))}</div>`;
}

function advantageFigures(series: readonly Series[], paper: readonly PaperSeries[], {ownAxis, kind, over = 'no smoothing'}: {readonly ownAxis: Axis; readonly kind: AdvantageKind; readonly over?: string}): Html {
	// The paper has values where we have none: labels at ours alone would crowd.
	const {xTicks, ...roundAxis} = ownAxis;
	const axis = paper.length === 0 || xTicks === undefined ? ownAxis : roundAxis;
	return html`${namesOf([...series, ...paper])}<div class="figures">${shownAttack.map(column => figure(
		html`advantage in ${columnHeading({name: column.name, format: 'text'})}`,
		[...paper.map(({lineOf}) => lineOf(column)), ...series.map(one => lineOf(one, axis, ({advantage}) => advantage?.[column.metric]?.[kind]))],
		{...figureOptions(kind === 'relative' ? {...column, format: 'percent'} : column, axis, `${kind} advantage in ${column.name} over ${over}`), hasZero: true},
	))}</div>`;
}

type PaperChoice = {readonly isShown: (row: PaperRow) => boolean; readonly xOf: (row: PaperRow) => number};

function paperSeries(shown: Pick<PaperSeries, 'name' | 'look'>, {rows, kind}: {readonly rows: readonly PaperRow[]; readonly kind: AdvantageKind}, {isShown, xOf}: PaperChoice): PaperSeries {
	return {
		...shown,
		lineOf(column) {
			const points = rows.filter(row => isShown(row)).flatMap(row => {
				const advantage = paperAdvantage(row, column, {rows, kind});
				return advantage === undefined ? [] : [{x: xOf(row), y: advantage}];
			});
			return {x: points.map(({x}) => x), y: points.map(({y}) => y), ...shown.look};
		},
	};
}

/** A single line of ours explains itself. */
function namesOf(series: ReadonlyArray<{readonly name: string; readonly look: VariantLook}>): Html | undefined {
	return series.length > 1 ? legend(series.map(({name}) => name), new Map(series.map(({name, look}) => [name, look]))) : undefined;
}
