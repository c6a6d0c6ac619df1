import type {Sensitivity, SensitivityCell} from '../../artifacts/sensitivity.ts';
import type {Spread} from '../../metrics/spread.ts';
import type {FigureOptions, Line} from '../figures.ts';
import type {MetricColumn} from '../metric-columns.ts';
import type {VariantLook} from '../variant-look.ts';
import {alphaPath} from './analysis.ts';
import {axisName, describeValues, shortText} from './words.ts';

/** Values of an axis from this ratio on are shown on a logarithmic one. */
const logRatio = 50;

/** Closest labels on an axis, as a share of its length. */
const closestTicks = 0.09;

/** Cells that one line goes through. */
export type Series = {readonly name: string; readonly look: VariantLook; readonly cells: readonly SensitivityCell[]};

/** A swept param as the x axis of a figure. */
export type Axis = Pick<FigureOptions, 'xNames' | 'xTicks' | 'xScale'> & {readonly name: string; readonly placeOf: (cell: SensitivityCell) => number};

/** Numbers keep their distances; everything else is named, in the order of the sweep. */
export function axisOf({paths, cells}: Sensitivity, path: string): Axis {
	const position = paths.indexOf(path);
	const texts = [...new Map(cells.map(({values}) => [JSON.stringify(values[position]), shortText(values[position])]))];
	const numbers = [...new Set(cells.map(({values}) => values[position]))].filter(value => typeof value === 'number').toSorted((a, b) => a - b);
	if (numbers.length < texts.length) {
		const keys = texts.map(([key]) => key);
		return {name: axisName(path), xNames: texts.map(([, text]) => text), placeOf: ({values}) => keys.indexOf(JSON.stringify(values[position]))};
	}

	const xScale = numbers[0]! > 0 && numbers.at(-1)! / numbers[0]! >= logRatio ? 'log' : 'linear';
	return {name: axisName(path), xScale, ...ticksFor(numbers, xScale), placeOf: ({values}) => Number(values[position])};
}

/** The values themselves as labels, unless they would lie on top of each other. */
function ticksFor(numbers: readonly number[], xScale: 'linear' | 'log'): {readonly xTicks?: readonly number[]} {
	const places = xScale === 'log' ? numbers.map(value => Math.log(value)) : numbers;
	const least = (places.at(-1)! - places[0]!) * closestTicks;
	return places.slice(1).every((place, index) => place - places[index]! >= least) ? {xTicks: numbers} : {};
}

/** One series per combination of the other params. */
export function seriesOver({paths, cells}: Sensitivity, path: string): readonly Series[] {
	const position = paths.indexOf(path);
	const others = paths.filter(other => other !== path);
	const keyOf = ({values}: SensitivityCell) => JSON.stringify(values.filter((_, index) => index !== position));
	const keys = [...new Set(cells.map(cell => keyOf(cell)))];
	const series = keys.map(key => {
		const own = cells.filter(cell => keyOf(cell) === key);
		const name = others.length === 0 ? 'here' : describeValues(others, own[0]!.values.filter((_, at) => at !== position));
		return {name, alpha: own[0]!.alpha, cells: own};
	});
	// Where lines are smoothing factors, colours say their sign, as on the page of variants.
	const areFactors = others.length === 1 && others[0] === alphaPath;
	return series.map(({name, alpha, cells: own}, index): Series => {
		const rank = series.slice(0, index).filter(other => Math.sign(other.alpha) === Math.sign(alpha)).length;
		return {name, cells: own, look: areFactors ? lookOf(rank, [['cool1', 'cool2', 'cool3'], ['base'], ['warm1', 'warm2', 'warm3']][Math.sign(alpha) + 1]!) : lookOf(index, colours)};
	});
}

const colours = ['warm1', 'cool1', 'warm2', 'cool2', 'warm3', 'cool3'];
const dashes = [undefined, '7 3', '2 3', '7 3 2 3'];

/** Colours in turn; then the same colours with other dashes. */
function lookOf(index: number, names: readonly string[]): VariantLook {
	const dash = dashes[Math.floor(index / names.length) % dashes.length];
	return {colour: `var(--${names[index % names.length]})`, ...(dash === undefined ? {} : {dash})};
}

/** What a series gives where it has a value, with standard deviations. */
export function lineOf({look, cells}: Series, {placeOf, xNames}: Axis, spreadOf: (cell: SensitivityCell) => Spread | null | undefined): Line {
	const points = cells.flatMap(cell => {
		const spread = spreadOf(cell);
		return spread ? [{x: placeOf(cell), y: spread.mean, deviation: spread.deviation}] : [];
	});
	const ordered = xNames ? points : points.toSorted((a, b) => a.x - b.x);
	return {x: ordered.map(({x}) => x), y: ordered.map(({y}) => y), deviations: ordered.map(({deviation}) => deviation), ...look};
}

/** How a metric is drawn against an axis. */
export function figureOptions({format}: Pick<MetricColumn, 'format'>, {name, xNames, xTicks, xScale}: Axis, what: string): FigureOptions {
	return {
		label: `${what} against ${name}`,
		xLabel: name,
		isPercent: format === 'percent',
		hasDots: true,
		...(xNames ? {xNames} : {}),
		...(xTicks ? {xTicks} : {}),
		...(xScale ? {xScale} : {}),
	};
}
