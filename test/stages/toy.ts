import test from 'ava';
import {toyNetwork, toyPoints} from '../../artifacts/toy.ts';
import {toyBlobs} from '../../stages/96-toy-blobs.ts';
import {toyTraining} from '../../stages/97-toy-training.ts';
import {toyInversion} from '../../stages/98-toy-inversion.ts';
import {toyFigure} from '../../stages/99-toy-figure.ts';
import {bytesOf} from '../helpers/bytes.ts';
import {perform} from '../helpers/stage.ts';

const data = {numpySeed: 17, samples: 30, centres: [[0, -10], [-10, 10], [10, 10]] as Array<[number, number]>, deviation: 1.6};
const training = {pytorchSeed: 42, widths: [6], steps: 60, learningRate: 0.05, momentum: 0.9};
const inversion = {start: [-3, -10] as [number, number], targetClass: 2, learningRate: 5, confidence: 0.6, maxSteps: 200};
const figure = {extent: 15, resolution: 10, levels: 20};

const draw = async () => perform(toyBlobs, {}, data);
const train = async (alpha: number) => perform(toyTraining, {points: (await draw()).outputs.points}, {...training, alpha, numClasses: 3});

async function attack(alpha: number, changes: Partial<typeof inversion> = {}) {
	const [{outputs: {points}}, {outputs: {network}}] = await Promise.all([draw(), train(alpha)]);
	return perform(toyInversion, {network, points}, {...inversion, ...changes});
}

test('points and networks survive being stored to the last bit', async t => {
	const [{outputs: {points}}, {outputs: {network, history}, steps}] = await Promise.all([draw(), train(0.05)]);
	t.deepEqual(toyPoints.decode(bytesOf(toyPoints, points)), points);
	t.deepEqual(toyNetwork.decode(bytesOf(toyNetwork, network)), network);
	t.is(history.columns.loss!.length, 60);
	t.is(steps.at(-1), '60/60 step');
});

test('no seed of the run has an influence', async t => {
	const {digests} = await train(0);
	const {outputs: {points}} = await perform(toyBlobs, {}, data, {seed: 'other'});
	t.deepEqual((await perform(toyTraining, {points}, {...training, alpha: 0, numClasses: 3}, {seed: 'other'})).digests, digests);
});

test('an inversion reports its steps', async t => {
	const {outputs: {inversion: found}, steps} = await attack(0);
	t.is(found.path.length, found.steps! + 2);
	t.is(steps.length, found.steps! + 1);
});

test('the figure has every factor in its table, record, CSV and page, and says where they come from', async t => {
	const alphas = [0.05, 0, -0.05];
	const models = alphas.map(alpha => ({name: `alpha=${alpha}`, alpha}));
	const byName = async <Value>(valueOf: (alpha: number) => Promise<Value>) => Object.fromEntries(await Promise.all(models.map(async ({name, alpha}) => [name, await valueOf(alpha)] as const)));
	const networks = await byName(async alpha => (await train(alpha)).outputs);
	const inputs = {
		points: (await draw()).outputs.points,
		network: Object.fromEntries(Object.entries(networks).map(([name, {network}]) => [name, network])),
		history: Object.fromEntries(Object.entries(networks).map(([name, {history}]) => [name, history])),
		inversion: await byName(async alpha => (await attack(alpha, alpha < 0 ? {maxSteps: 2} : {})).outputs.inversion),
	};
	const params = {figure, models, settings: {data, training, inversion}};
	const {outputs: {table, csv, record, page}, digests} = await perform(toyFigure, inputs, params, {digests: {network: {'alpha=0': 'digest-of-a-network'}}});
	t.deepEqual(table.rows.map(([alpha]) => alpha), alphas);
	t.deepEqual(record.results.map(({alpha}) => alpha), alphas);
	t.is(csv.trim().split('\r\n').length, 4);
	t.deepEqual(record.results.map(({steps}) => steps === null), [false, false, true]);
	t.is(page.match(/role="img"/gu)?.length, 4);
	for (const text of ['α = 0.05', 'not confident enough', 'pipeline show digest-of-a-network', '17 (points), 42 (weights)', 'whose params differ: data.samples']) {
		t.true(page.includes(text), `expected ${text}`);
	}

	t.deepEqual((await perform(toyFigure, inputs, params, {digests: {network: {'alpha=0': 'digest-of-a-network'}}})).digests, digests);
});
