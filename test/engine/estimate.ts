import {Type} from '@sinclair/typebox';
import test from 'ava';
import {jsonArtifact} from '../../engine/artifact.ts';
import {estimateRun} from '../../engine/estimate.ts';
import {buildGraph, type Node} from '../../engine/graph.ts';
import {definePipeline} from '../../engine/pipeline.ts';
import {defineStage} from '../../engine/stage.ts';

const number = jsonArtifact<number>()('number');
const stageOf = (name: string) => defineStage({name, inputs: {}, params: Type.Object({index: Type.Number()}), outputs: {value: number}, run: () => ({value: 0})});
const after = defineStage({name: 'after', inputs: {value: number}, params: Type.Object({}), outputs: {value: number}, run: () => ({value: 0})});
const [long, short] = [stageOf('long'), stageOf('short')];

/** One long node, one after it, and five short ones that need nothing. */
const {nodes} = buildGraph(definePipeline({
	params: {},
	variant({add}) {
		for (let index = 0; index < 5; index++) {
			add(short, {}, {index});
		}

		return {value: add(after, {value: add(long, {}, {index: 0}).value}, {}).value};
	},
	compare: () => ({goals: {}}),
}), [{name: 'only', patch: {}, params: {seed: 0}, base: {seed: 0}, source: {seed: 0}}], '/root');

const recorded: Readonly<Record<string, number>> = {long: 100, after: 20, short: 10};

const estimate = (jobs: number, {exclusive = [], unknown = []}: {exclusive?: readonly string[]; unknown?: readonly string[]} = {}) => estimateRun(nodes, {
	jobs,
	isExclusive: ({stage}: Node) => exclusive.includes(stage.name),
	expectedMs: ({stage}) => (unknown.includes(stage.name) ? undefined : recorded[stage.name]),
});

test('one at a time takes the sum', t => {
	t.deepEqual(estimate(1), {durationMs: 170, unknownStages: []});
});

test('a chain cannot be hurried', t => {
	t.is(estimate(2).durationMs, 120);
	t.is(estimate(100).durationMs, 120);
});

test('nodes that tolerate no neighbour run one after the other, beside others', t => {
	t.is(estimate(8, {exclusive: ['short']}).durationMs, 120);
	t.is(estimate(8, {exclusive: ['short', 'long', 'after']}).durationMs, 170);
});

test('stages that never ran are named and count nothing', t => {
	// The chain takes 20; beside it two short ones, then two together, then the last.
	t.deepEqual(estimate(2, {unknown: ['long']}), {durationMs: 40, unknownStages: ['long']});
	t.deepEqual(estimate(1, {unknown: ['long', 'after', 'short']}), {durationMs: 0, unknownStages: ['short', 'long', 'after']});
});

test('inputs that are not to run are there already', t => {
	t.is(estimateRun(nodes.filter(({stage}) => stage.name === 'after'), {jobs: 1, isExclusive: () => false, expectedMs: () => 20}).durationMs, 20);
});

test('nothing takes no time', t => {
	t.deepEqual(estimateRun([], {jobs: 2, isExclusive: () => false, expectedMs: () => 20}), {durationMs: 0, unknownStages: []});
});
