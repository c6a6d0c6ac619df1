import type {AttackMetrics} from '../../artifacts/records.ts';
import type {MeasuredPoint} from '../../reporting/sensitivity/analysis.ts';
import {metricsOf} from './report.ts';

/** Metrics of an ordinary attack with some of them changed. */
export function metricsWith(changes: Partial<AttackMetrics>): AttackMetrics {
	return {...metricsOf.standard, ...changes};
}

/** A point that is named after its values. */
export function pointOf(values: readonly unknown[], accuracy: number, {alpha = 0, seed = 0, ...changes}: Partial<AttackMetrics> & {readonly alpha?: number; readonly seed?: number} = {}): MeasuredPoint {
	return {name: `${values.join(',')},seed=${seed}`, values, seed, alpha, metrics: metricsWith({attackAccuracyTop1: accuracy, ...changes})};
}

/** Smoothing factors with an attack accuracy and a distance each. */
export const smoothingPoints = [
	pointOf([-0.05], 0.4, {alpha: -0.05, faceDistance: 0.6}),
	pointOf([0], 0.8, {alpha: 0, faceDistance: 0.5}),
	pointOf([0.1], 0.9, {alpha: 0.1, faceDistance: 0.4}),
];

const none = {kind: 'none'};
const negative = {kind: 'label-smoothing', alpha: -0.05};
const mid = {kind: 'mid', lambda: 0.01};
const bido = {kind: 'bido', lambdaX: 0.05, lambdaY: 0.5};

/** Defences with an attack accuracy each. */
export const defensePoints = [pointOf([none], 0.8), pointOf([negative], 0.2, {alpha: -0.05}), pointOf([mid], 0.6), pointOf([bido], 0.4)];
