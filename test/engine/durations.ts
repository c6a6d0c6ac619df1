import test from 'ava';
import {expectedDurations, type RecordedDuration} from '../../engine/durations.ts';
import type {Node} from '../../engine/graph.ts';

const node = (name: string, params: object) => ({name, stage: {name: 'training'}, params}) as unknown as Node;
const recorded = (nodeName: string, params: RecordedDuration['params'], durationMs: number): RecordedDuration => ({nodeName, params, durationMs});
const expecting = (...durations: readonly RecordedDuration[]) => expectedDurations({durationsOf: stage => (stage === 'training' ? durations : [])});

test('results with the fewest other params count', t => {
	const expected = expecting(
		recorded('training@a', {alpha: 0, size: {width: 64, epochs: 100}}, 9000),
		recorded('training@a', {alpha: 0, size: {width: 8, epochs: 2}}, 10),
		recorded('training@b', {alpha: 0.3, size: {width: 8, epochs: 2}}, 30),
	);
	t.is(expected(node('training@c', {alpha: 0.05, size: {width: 8, epochs: 2}})), 20);
	t.is(expected(node('training@c', {alpha: 0.3, size: {width: 8, epochs: 2}})), 30);
	t.is(expected(node('training@c', {alpha: 0.05, size: {width: 64, epochs: 100}})), 9000);
});

test('results under the own name come before others made by the same code', t => {
	const expected = expecting(recorded('evaluation#1', {epochs: 5}, 400), recorded('training@a', {epochs: 7}, 60));
	t.is(expected(node('training@b', {epochs: 5})), 60);
	t.is(expected(node('evaluation#2', {epochs: 9})), 400);
	t.is(expected(node('surrogate', {epochs: 7})), 60);
});

test('of many equals the latest ten count', t => {
	const expected = expecting(...Array.from({length: 10}, () => recorded('training', {}, 5)), recorded('training', {}, 1000));
	t.is(expected(node('training', {})), 5);
});

test('a stage that never ran has no duration', t => {
	t.is(expecting()(node('training', {})), undefined);
});
