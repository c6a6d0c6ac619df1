import * as plot from '@observablehq/plot';
import {draw} from './drawing.ts';
import type {Html} from './html.ts';

/** One line of a figure. */
export type Line = {
	readonly x: readonly number[];
	/** One value per `x`, finite. */
	readonly y: readonly number[];
	/** Half the length of an error bar per value, where there is one; absent for a line without bars. */
	readonly deviations?: ReadonlyArray<number | null>;
	/** CSS colour; a custom property lets the page choose it by theme. */
	readonly colour: string;
	/** SVG dash pattern, so that lines differ without colour; absent for a solid line. */
	readonly dash?: string;
};

/** What a figure shows besides its lines. */
export type FigureOptions = {
	/** What the figure shows, for readers who do not see it. */
	readonly label: string;
	readonly xLabel: string;
	/** Whether values are fractions to be labelled as percentages. */
	readonly isPercent?: boolean;
	/** Whether every value gets a dot: for few, unevenly spaced ones. */
	readonly hasDots?: boolean;
	/** Names of the places 0, 1, … on the x axis, for what has no distances: values get dots and no line. */
	readonly xNames?: readonly string[];
	/** Places on the x axis that are labelled; about five round ones when absent. */
	readonly xTicks?: readonly number[];
	/** Logarithmic for values of several magnitudes; linear when absent. */
	readonly xScale?: 'linear' | 'log';
	/** Whether the line y = 0 is drawn, such as where nothing is gained. */
	readonly hasZero?: boolean;
};

/** A drawn figure. */
export type Figure = {
	/** Markup without scripts, styles, identifiers or addresses. */
	readonly svg: Html;
	/** The y axis: symmetric logarithmic when a few values would flatten all others. */
	readonly scale: 'linear' | 'symlog';
};

const size = {
	width: 340, height: 210, marginLeft: 52, marginRight: 14, marginTop: 12, marginBottom: 34,
};

/** How many times larger than the typical value the largest must be before the axis becomes logarithmic. */
const symlogRatio = 50;

/**
 * Draws lines over common axes, without a browser and with equal markup for equal data.
 * @throws {RangeError} when a line has a value that is not finite, or not one per place on the x axis.
 */
export function lineFigure(lines: readonly Line[], options: FigureOptions): Figure {
	const {label, isPercent = false, hasZero = false} = options;
	for (const line of lines) {
		checkLine(line, label);
	}

	const values = lines.flatMap(({y}) => y);
	const scale = scaleFor(values);
	const {width, height, ...margins} = size;
	const svg = draw({label, width, height}, {
		...margins,
		x: xAxis(options),
		y: {
			label: null, grid: true, ticks: scale === 'symlog' ? symlogTicks(values) : 5, type: scale, tickFormat: (value: number) => tickLabel(value, isPercent),
		},
		marks: [...(hasZero ? [plot.ruleY([0], {stroke: 'currentColor', strokeOpacity: 0.5})] : []), ...lines.flatMap(line => marksOf(line, options))],
	});
	return {svg, scale};
}

function xAxis({xLabel, xNames, xTicks, xScale = 'linear'}: FigureOptions): object {
	const axis = {label: xLabel, labelArrow: 'none'};
	return xNames
		? {...axis, domain: [-0.5, xNames.length - 0.5], ticks: xNames.map((_, index) => index), tickFormat: (index: number) => xNames[index]}
		: {...axis, type: xScale, ticks: xTicks ?? 5, tickFormat: (value: number) => String(Number(value.toPrecision(6))).replace('-', '−')};
}

function marksOf({x, y, deviations = [], colour, dash}: Line, {hasDots = false, xNames}: FigureOptions): plot.Markish[] {
	const points = x.map((place, index) => [place, y[index]]);
	const bars = x.flatMap((place, index) => {
		const deviation = deviations[index] ?? 0;
		return deviation === 0 ? [] : [[place, y[index]! - deviation, y[index]! + deviation]];
	});
	const channels = {x: '0', y: '1'};
	return [
		...(bars.length === 0 ? [] : [plot.ruleX(bars, {x: '0', y1: '1', y2: '2', stroke: colour, strokeOpacity: 0.6})]),
		...(xNames
			? []
			: [plot.line(points, {
				...channels, stroke: colour, strokeWidth: 1.75, ...(dash === undefined ? {} : {strokeDasharray: dash}),
			})]),
		// A single value would be a line without length.
		...(hasDots || xNames !== undefined || points.length === 1 ? [plot.dot(points, {...channels, fill: colour, r: 3})] : []),
	];
}

function tickLabel(value: number, isPercent: boolean): string {
	const text = isPercent ? `${Number((value * 100).toPrecision(6))} %` : String(Number(value.toPrecision(6)));
	return text.replace('-', '−');
}

function scaleFor(values: readonly number[]): Figure['scale'] {
	const sizes = values.map(value => Math.abs(value)).toSorted((a, b) => a - b);
	const typical = sizes[Math.floor(sizes.length / 2)] ?? 0;
	return typical > 0 && sizes.at(-1)! > symlogRatio * typical ? 'symlog' : 'linear';
}

/** Zero and the powers of ten that the values reach, at most about four on either side, since the library's own ticks crowd at the far end. */
function symlogTicks(values: readonly number[]): number[] {
	const powersUpTo = (limit: number) => {
		const count = limit >= 1 ? Math.floor(Math.log10(limit)) + 1 : 0;
		const step = Math.ceil(count / 4);
		return Array.from({length: count}, (_, exponent) => exponent).filter(exponent => (count - 1 - exponent) % step === 0).map(exponent => 10 ** exponent);
	};

	return [...powersUpTo(-Math.min(...values)).map(power => -power).toReversed(), 0, ...powersUpTo(Math.max(...values))];
}

function checkLine({x, y}: Line, label: string): void {
	if (x.length !== y.length) {
		throw new RangeError(`Figure "${label}": expected ${x.length} values, one per place on the x axis, got ${y.length}`);
	}

	const bad = [...x, ...y].find(value => !Number.isFinite(value));
	if (bad !== undefined) {
		throw new RangeError(`Figure "${label}": expected finite values, got ${bad}`);
	}
}
