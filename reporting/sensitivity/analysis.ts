import type {AttackMetrics} from '../../artifacts/records.ts';
import type {Advantage, Sensitivity, SensitivityCell} from '../../artifacts/sensitivity.ts';
import {absoluteAdvantage, relativeAdvantage} from '../../metrics/advantage.ts';
import {spreadOf} from '../../metrics/spread.ts';
import {attackColumns, type AttackMetricColumn} from '../metric-columns.ts';

/** Key path of the smoothing factor, against whose 0 advantages are measured. */
export const alphaPath = 'target.alpha';

/** Key path of the defence of the target model, against whose `none` advantages are measured where no smoothing factor is swept. */
export const defensePath = 'target.defense';

/** Key path of the number of training images of each person. */
export const samplesPath = 'subsample.perClass';

/** One run of the experiment. */
export type SweepPoint = {
	readonly name: string;
	/** One value per swept param. */
	readonly values: readonly unknown[];
	readonly seed: number;
	/** Smoothing factor of the target model. */
	readonly alpha: number;
};

export type MeasuredPoint = SweepPoint & {readonly metrics: AttackMetrics};

/**
 * Means, standard deviations and advantages over no smoothing or no defence. An advantage compares each seed with that of the same seed and the same other
 * values, and is averaged then: seeds differ by more than smoothing factors do.
 * @throws {RangeError} when a metric is not finite
 */
export function analyseSweep(paths: readonly string[], points: readonly MeasuredPoint[], failed: Sensitivity['failed']): Sensitivity {
	for (const point of points) {
		checkFinite(point);
	}

	const keys = [...new Set(points.map(({values}) => JSON.stringify(values)))];
	return {
		paths,
		cells: keys.map(key => cellOf(points.filter(({values}) => JSON.stringify(values) === key), {paths, points})),
		failed,
	};
}

/** The swept param that advantages compare values of; undefined when there is none. */
export function comparedPath(paths: readonly string[]): string | undefined {
	return [alphaPath, defensePath].find(path => paths.includes(path));
}

/** Whether others are compared with what has these values: no smoothing, or no defence. */
export function isBaseline(paths: readonly string[], {values, alpha}: Pick<SweepPoint, 'values' | 'alpha'>): boolean {
	return comparedPath(paths) === alphaPath ? alpha === 0 : JSON.stringify(values[paths.indexOf(defensePath)]) === JSON.stringify({kind: 'none'});
}

/** The values without that which is compared: what cells that are compared must share. */
export function otherValues(paths: readonly string[], values: readonly unknown[]): string {
	return JSON.stringify(values.filter((_, index) => paths[index] !== comparedPath(paths)));
}

type Sweep = {readonly paths: readonly string[]; readonly points: readonly MeasuredPoint[]};

function cellOf(own: readonly MeasuredPoint[], sweep: Sweep): SensitivityCell {
	const {values, alpha, metrics} = own[0]!;
	// Some metrics are absent where a class has too few images; a mean is over all seeds or not there.
	const names = (Object.keys(metrics) as Array<keyof AttackMetrics>).filter(name => own.every(point => point.metrics[name] !== undefined));
	return {
		values,
		alpha,
		seeds: own.map(({seed}) => seed),
		metrics: Object.fromEntries(names.map(name => [name, spreadOf(own.map(point => point.metrics[name]!))])) as SensitivityCell['metrics'],
		advantage: advantageOf(own, sweep),
	};
}

function advantageOf(own: readonly MeasuredPoint[], {paths, points}: Sweep): SensitivityCell['advantage'] {
	if (comparedPath(paths) === undefined) {
		return null;
	}

	const pairs = own.flatMap(point => {
		const baseline = points.find(other => isBaseline(paths, other) && other.seed === point.seed && otherValues(paths, other.values) === otherValues(paths, point.values));
		return baseline ? [{now: point.metrics, before: baseline.metrics}] : [];
	});
	return pairs.length === 0 ? null : Object.fromEntries(attackColumns.map(column => [column.metric, metricAdvantage(column, pairs)]));
}

function metricAdvantage({metric, strongerAttack}: AttackMetricColumn, pairs: ReadonlyArray<{readonly now: AttackMetrics; readonly before: AttackMetrics}>): Advantage {
	const relative = pairs.flatMap(({now, before}) => relativeAdvantage(now[metric], before[metric], strongerAttack) ?? []);
	return {
		relative: relative.length === 0 ? null : spreadOf(relative),
		absolute: spreadOf(pairs.map(({now, before}) => absoluteAdvantage(now[metric], before[metric], strongerAttack))),
	};
}

function checkFinite({name, metrics}: MeasuredPoint): void {
	const bad = Object.entries(metrics).find(([, value]) => !Number.isFinite(value));
	if (bad) {
		throw new RangeError(`Point "${name}", ${bad[0]}: expected a finite number, got ${bad[1]}`);
	}
}
