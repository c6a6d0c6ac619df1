import test from 'ava';
import {distanceKinds, type GradientSimilarity, type Projection, type Reliability, type ScaledDistances} from '../../../artifacts/analyses.ts';
import {measureReliability} from '../../../metrics/reliability.ts';
import {comparedBy} from '../../../reporting/analyses/compared.ts';
import {embeddingPage} from '../../../reporting/analyses/embedding-page.ts';
import {distanceTable, embeddingCsvTable} from '../../../reporting/analyses/embedding-tables.ts';
import {similarityCsvTable, similarityPage, similarityTable} from '../../../reporting/analyses/gradient-similarity.ts';
import {reliabilityCsvTable, reliabilityPage, reliabilityTable} from '../../../reporting/analyses/reliability.ts';

const hostile = '"><script>alert(1)</script>&\'`';
const params = {baseline: hostile, variants: [{name: hostile, alpha: 0}, {name: 'positive', alpha: 0.1}]};
const provenance = {seed: 0, params: {note: hostile}, backend: 'wasm', inputs: []};
const both = <Value>(value: Value) => comparedBy(params, {[hostile]: value, positive: value});

const labels = [0, 1, 0, 1];
const distances: ScaledDistances = {
	meanIntra: [0.2, 0.3, 0.2, 0.3], meanInter: [0.6, 0.7, 0.6, 0.7], nearestIntra: [0.1, 0.2, 0.1, 0.2], nearestInter: [0.5, 0.6, 0.5, 0.7], labels, maximum: 4,
};
const projection: Projection = {x: [1, 2], y: [3, 4], labels: [0, 0], divergence: 0.5};
const similarity: GradientSimilarity = {
	samples: 4,
	curves: [
		{loss: 'poincare', mean: [0.9, 0.7], deviation: [0.1, 0.3], zeroGradients: [0, 0]},
		{loss: 'cross-entropy', mean: [0.5, null], deviation: [null, null], zeroGradients: [3, 4]},
	],
};
const reliability: Reliability = measureReliability(new Float32Array([5, 0, 0, 5, 9000, 0]), new Int32Array([0, 0, 0]), {bins: 10});

const isSafe = (page: string) => page.startsWith('<!doctype html>') && page.endsWith('</html>\n') && !/<script|NaN|undefined|\sid=/u.test(page);

test('pages are whole, name no script and hold no missing numbers', t => {
	t.true(isSafe(embeddingPage(both(distances), both(projection), provenance)));
	t.true(isSafe(similarityPage(both(similarity), provenance)));
	t.true(isSafe(reliabilityPage(both(reliability), provenance)));
});

test('variants stand from the largest smoothing factor to the smallest', t => {
	t.deepEqual(both(1).map(({alpha}) => alpha), [0.1, 0]);
});

test('distances are averaged over samples and compared with each other', t => {
	const [, row] = distanceTable(both(distances)).rows;
	t.deepEqual(row!.slice(1).map(value => Number(Number(value).toFixed(4))), [0, 0.25, 0.65, 0.15, 0.575, 2.6, 0.8846]);
});

test('samples that are not shown in the plane have no place in the table for spreadsheets', t => {
	const {rows, columns} = embeddingCsvTable(both({distances, projection}));
	t.true(rows.every(row => row.length === columns.length));
	t.deepEqual(rows.slice(0, 4).map(row => row.slice(-2)), [[1, 3], ['', ''], [2, 4], ['', '']]);
	t.deepEqual(rows[0]!.slice(1, 7), [0.1, 0, ...distanceKinds.map(kind => distances[kind][0]!)]);
});

test('violins say in words what they show', t => {
	t.regex(embeddingPage(both(distances), both(projection), provenance), /aria-label="Split violins of maximum-scaled distances[^"]*positive/u);
});

test('similarities are averaged over the steps that have a value, and with zeros as 0', t => {
	const {rows} = similarityTable(both(similarity));
	t.deepEqual(rows.map(row => row.slice(2, 3)), [['Poincaré loss'], ['Poincaré loss'], ['cross-entropy'], ['cross-entropy']]);
	t.deepEqual(rows[0]!.slice(3).map(value => Number(Number(value).toFixed(6))), [0.8, 0.2, 0.8, 0, 0.8]);
	t.is(rows[2]![4], '–');
	t.deepEqual([3, 5, 6, 7].map(position => Number(Number(rows[2]![position]).toFixed(6))), [0.5, 0.5, 0.875, 0.0625]);
});

test('a step without a value is empty in the table for spreadsheets', t => {
	t.deepEqual(similarityCsvTable(both(similarity)).rows.slice(2, 4).map(row => row.slice(2)), [['cross-entropy', 2, 0.5, '', 1, 3], ['cross-entropy', 3, '', '', 0, 4]]);
});

test('zero gradients have a figure for the losses that have some', t => {
	const page = similarityPage(both(similarity), provenance);
	t.deepEqual([...page.matchAll(/Share of latents whose gradient is exactly zero, (?<loss>[^,]*)/gu)].map(match => match.groups?.loss), ['cross-entropy']);
});

test('reliability tells accuracy, confidence and saturation', t => {
	const [row] = reliabilityTable(both(reliability)).rows;
	t.is(row![3], 2 / 3);
	t.is(row![5], 1 / 3);
	const {rows, columns} = reliabilityCsvTable(both(reliability));
	t.is(rows.length, 22);
	t.true(rows.every(cells => cells.length === columns.length));
	t.deepEqual(rows[0]!.slice(2), [0, 0.1, 0, '', '', '']);
	t.deepEqual(rows[10]!.slice(2), [1, 1, 1, 1, 1, 0]);
});

test('equal results give equal bytes', t => {
	t.is(similarityPage(both(similarity), provenance), similarityPage(both(similarity), provenance));
	t.is(embeddingPage(both(distances), both(projection), provenance), embeddingPage(both(distances), both(projection), provenance));
});
