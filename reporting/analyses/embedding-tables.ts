import {distanceKinds, type Projection, type ScaledDistances} from '../../artifacts/analyses.ts';
import type {Table} from '../../artifacts/table.ts';
import {spreadOf} from '../../metrics/spread.ts';
import type {Compared} from './compared.ts';

/** The distances as people call them. */
export const distanceNames = {
	meanIntra: 'mean intra', meanInter: 'mean inter', nearestIntra: 'nearest intra', nearestInter: 'nearest inter',
} as const satisfies Record<(typeof distanceKinds)[number], string>;

/** One row per variant: the distances averaged over samples, and how far apart classes lie compared with their own extent. */
export function distanceTable(variants: ReadonlyArray<Compared<ScaledDistances>>): Table {
	return {
		title: 'Maximum-scaled distances between penultimate activations, averaged over the training images',
		columns: [
			{name: 'variant', format: 'text'},
			{name: 'α', format: 'number'},
			...distanceKinds.map(kind => ({name: distanceNames[kind], format: 'fixed3'} as const)),
			{name: 'inter : intra', format: 'fixed2'},
			{name: 'nearest inter : mean inter', format: 'fixed2'},
		],
		rows: variants.map(({name, alpha, value}) => {
			const mean = (kind: (typeof distanceKinds)[number]) => spreadOf(value[kind]).mean;
			return [name, alpha, ...distanceKinds.map(kind => mean(kind)), mean('meanInter') / mean('meanIntra'), mean('nearestInter') / mean('meanInter')];
		}),
		notes: ['Intra: to other images of the same person; inter: to images of other people. Every distance is a share of the largest one between any two training images under the same model.'],
	};
}

/** Every sample of every variant in full precision: class, the four distances, and the place in the plane where it is shown. */
export function embeddingCsvTable(variants: ReadonlyArray<Compared<{readonly distances: ScaledDistances; readonly projection: Projection}>>): Table {
	return {
		title: 'Embedding',
		columns: [
			{name: 'variant', format: 'text'},
			...['α', 'class', ...distanceKinds.map(kind => distanceNames[kind]), 't-SNE x', 't-SNE y'].map(name => ({name, format: 'number'} as const)),
		],
		rows: variants.flatMap(({name, alpha, value: {distances, projection}}) => {
			// The projection shows the samples of the first classes, in their order.
			const shown = new Set(projection.labels);
			let place = 0;
			return distances.labels.map((label, index) => {
				const position = shown.has(label) ? place++ : undefined;
				return [
					name,
					alpha,
					label,
					...distanceKinds.map(kind => distances[kind][index]!),
					...(position === undefined ? ['', ''] : [projection.x[position]!, projection.y[position]!]),
				];
			});
		}),
		notes: [],
	};
}
