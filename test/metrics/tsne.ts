import test from 'ava';
import {UserError} from '../../engine/error.ts';
import type {Resumable} from '../../engine/stage.ts';
import {descend, layOut, type TsneState} from '../../metrics/tsne.ts';
import {randomStream} from '../../tensors/random.ts';
import {performStopped} from '../helpers/stopped.ts';
import {fixture, largestDifference} from '../helpers/tensors.ts';

/** By test/fixtures/analyses.py: the descent of scikit-learn from a given start, in float64. */
const golden = fixture<{affinities: Record<'4', number[]>; descent: {start: number[]; one: number[]; final: number[]; divergence: number}}>('analyses.json');
const affinities = Float64Array.from(golden.affinities['4']);
const start = Float64Array.from(golden.descent.start);
const options = {earlyExaggeration: 12, learningRate: 2, iterations: 300};
const silent = {onStep: async () => undefined};

const size = 5;
const features = {values: Float32Array.from({length: 12 * size}, (_, index) => Math.sin(index ** 2) + (2 * (Math.floor(index / size) % 3))), size};
const all = {...options, perplexity: 4};
const context = (seed = 'seed') => ({stream: randomStream(seed), ...silent});

const interleaved = ({x, y}: {readonly x: Float64Array; readonly y: Float64Array}) => [...x].flatMap((value, index) => [value, y[index]!]);

test('the first step agrees with scikit-learn', async t => {
	t.true(largestDifference(interleaved(await descend(affinities, start, {...options, iterations: 1}, silent)), golden.descent.one) < 1e-12);
});

test('300 steps across the end of the exaggeration agree with scikit-learn', async t => {
	const layout = await descend(affinities, start, options, silent);
	// Float64 rounding, grown by 300 steps.
	t.true(largestDifference(interleaved(layout), golden.descent.final) < 1e-6);
	t.true(Math.abs(layout.divergence - golden.descent.divergence) < 1e-9);
});

test('groups in feature space are groups in the plane', async t => {
	const apart = {values: features.values.map((value, index) => value + (8 * (Math.floor(index / size) % 3))), size};
	const {x, y} = await layOut(apart, {...all, perplexity: 3, learningRate: 10, iterations: 500}, context());
	const distance = (first: number, second: number) => Math.hypot(x[first]! - x[second]!, y[first]! - y[second]!);
	const others = Array.from({length: 12}, (_, index) => index);
	for (const sample of others) {
		const [nearest] = others.filter(other => other !== sample).toSorted((a, b) => distance(sample, a) - distance(sample, b));
		t.is(nearest! % 3, sample % 3);
	}
});

test('the same seed gives the same layout, another one another', async t => {
	const first = await layOut(features, all, context());
	t.deepEqual(await layOut(features, all, context()), first);
	t.notDeepEqual((await layOut(features, all, context('other'))).x, first.x);
});

test('a layout that was stopped goes on to the same bytes', async t => {
	const {value} = await performStopped(async (given: Resumable<TsneState>) => layOut(features, all, {stream: randomStream('seed'), ...given}), [3, 250, 299]);
	t.deepEqual(value, await layOut(features, all, context()));
});

test('a perplexity that needs more samples is refused with what to change', async t => {
	const error = await t.throwsAsync(layOut(features, {...all, perplexity: 12}, context()), {instanceOf: UserError, message: 'A perplexity of 12 needs more than 12 samples, got 12'});
	t.regex((error).hint ?? '', /"tsne\.perplexity"/u);
});
