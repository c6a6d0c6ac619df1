import {jsonArtifact} from '../engine/artifact.ts';
import type {Spread} from '../metrics/spread.ts';
import type {AttackMetricName, AttackMetrics} from './records.ts';

/** How a metric of the attack changed against no smoothing or no defence. */
export type Advantage = {
	/** Share of the value there, above 0 when the attacker gains; `null` when that value is 0. */
	readonly relative: Spread | null;
	/** In the unit of the metric, above 0 when the attacker gains. */
	readonly absolute: Spread;
};

/** One combination of swept values, over all its seeds. */
export type SensitivityCell = {
	/** One value per swept param. */
	readonly values: readonly unknown[];
	/** Smoothing factor of the target model. */
	readonly alpha: number;
	/** Seeds that ended in results. */
	readonly seeds: readonly number[];
	/** Without those metrics that a seed of them has not. */
	readonly metrics: Readonly<Record<AttackMetricName, Spread> & Partial<Record<keyof AttackMetrics, Spread>>>;
	/** By metric of the attack; `null` where no seed has a result for no smoothing or no defence and the same other values. */
	readonly advantage: Readonly<Partial<Record<keyof AttackMetrics, Advantage>>> | null;
};

/** What a sweep found out. */
export type Sensitivity = {
	/** Key paths of the swept params. */
	readonly paths: readonly string[];
	/** In the order of the sweep. */
	readonly cells: readonly SensitivityCell[];
	/** Points without results. */
	readonly failed: ReadonlyArray<{readonly name: string; readonly values: readonly unknown[]}>;
};

export const sensitivityRecord = jsonArtifact<Sensitivity>()('sensitivity', {
	preview: ({paths, cells}) => `${cells.length} combinations of ${paths.join(', ')}`,
});
