import process from 'node:process';
import {Type} from '@sinclair/typebox';
import test from 'ava';
import {jsonArtifact} from '../../engine/artifact.ts';
import {buildGraph, inputsOf, neededFor} from '../../engine/graph.ts';
import type {Variant} from '../../engine/params.ts';
import {definePipeline, type AnyPipeline} from '../../engine/pipeline.ts';
import {defineStage, each, files} from '../../engine/stage.ts';

const numbers = jsonArtifact<readonly number[]>()('numbers');
const source = defineStage({
	name: 'source', inputs: {}, params: Type.Object({size: Type.Number()}), outputs: {values: numbers}, seeded: true, run: () => ({values: []}),
});
const double = defineStage({
	name: 'double', inputs: {values: numbers}, params: Type.Object({factor: Type.Number()}), outputs: {products: numbers}, run: () => ({products: []}),
});
const sum = defineStage({
	name: 'sum', inputs: {products: each(numbers)}, params: Type.Object({}), outputs: {total: numbers}, run: () => ({total: []}),
});
const reader = defineStage({
	name: 'reader', inputs: {folder: files}, params: Type.Object({}), outputs: {values: numbers}, run: () => ({values: []}),
});

type Numbers = {size: number; factor: number};

const schema = {size: Type.Number(), factor: Type.Number()};

/** A variant per row, with its own numbers. */
function variantsOf(rows: Readonly<Record<string, Numbers>>, seed = 7): readonly Variant[] {
	const base = {...Object.values(rows)[0]!, seed};
	return Object.entries(rows).map(([name, params]) => ({name, patch: {}, params: {...params, seed}, base, source: base}));
}

const chain = definePipeline({
	params: schema,
	variant({add, params: {size, factor}}) {
		const {values} = add(source, {}, {size});
		return {products: add(double, {values}, {factor}).products};
	},
	compare: ({add}, {products}) => ({goals: {total: add(sum, {products}, {}).total}}),
});

const namesOf = (pipeline: AnyPipeline, variants: readonly Variant[]) => buildGraph(pipeline, variants, '/root').nodes.map(({name}) => name);

test('equal bindings are one node', t => {
	t.deepEqual(namesOf(chain, variantsOf({a: {size: 1, factor: 2}, b: {size: 1, factor: 2}})), ['source', 'double', 'sum']);
});

test('where variants differ, nodes are named after them', t => {
	t.deepEqual(namesOf(chain, variantsOf({a: {size: 1, factor: 2}, b: {size: 1, factor: 3}})), ['source', 'double@a', 'double@b', 'sum']);
});

test('a node of some variants is named after all of them', t => {
	t.deepEqual(
		namesOf(chain, variantsOf({a: {size: 1, factor: 2}, b: {size: 1, factor: 3}, c: {size: 1, factor: 2}})),
		['source', 'double@a+c', 'double@b', 'sum'],
	);
});

test('what depends on a node that differs differs', t => {
	t.deepEqual(namesOf(chain, variantsOf({a: {size: 1, factor: 2}, b: {size: 5, factor: 2}})), ['source@a', 'double@a', 'source@b', 'double@b', 'sum']);
});

test('one stage with several jobs is told apart by name, and by number where there is none', t => {
	const pipeline = definePipeline({
		params: schema,
		variant({add}) {
			add(source, {}, {size: 1}, {name: 'first'});
			add(source, {}, {size: 1}, {name: 'second'});
			add(source, {}, {size: 2});
			return {values: add(source, {}, {size: 3}).values};
		},
		compare: (_, __) => ({goals: {}}),
	});
	t.deepEqual(namesOf(pipeline, variantsOf({a: {size: 1, factor: 1}})), ['first', 'second', 'source', 'source#2']);
});

test('inputs come before what needs them', t => {
	const {nodes} = buildGraph(chain, variantsOf({a: {size: 1, factor: 2}, b: {size: 5, factor: 2}}), '/root');
	for (const [index, node] of nodes.entries()) {
		t.true(inputsOf(node).every(input => nodes.indexOf(input) < index));
	}
});

test('only what a goal needs is needed', t => {
	const graph = buildGraph(chain, variantsOf({a: {size: 1, factor: 2}, b: {size: 1, factor: 3}}), '/root');
	const goal = graph.nodes.find(({name}) => name === 'double@b')!;
	t.deepEqual(neededFor(graph, [goal]).map(({name}) => name), ['source', 'double@b']);
});

test('a stage gets its own slice and nothing else', t => {
	const pipeline = definePipeline({
		params: schema,
		variant: ({add, params}) => ({values: add(source, {}, params).values}),
		compare: () => ({goals: {}}),
	});
	const [node] = buildGraph(pipeline, variantsOf({a: {size: 4, factor: 9}}), '/root').nodes;
	t.deepEqual(node!.params, {size: 4});
});

test('a seed follows from the run\'s seed and the name of the node, not from its params', t => {
	const seedOf = (name: string | undefined, size: number, seed: number) => {
		const pipeline = definePipeline({
			params: schema,
			variant: ({add}) => ({values: add(source, {}, {size}, name === undefined ? {} : {name}).values}),
			compare: () => ({goals: {}}),
		});
		return buildGraph(pipeline, variantsOf({a: {size, factor: 1}}, seed), '/root').nodes[0]!.seed;
	};

	t.is(seedOf(undefined, 1, 7), seedOf('source', 2, 7));
	t.not(seedOf(undefined, 1, 7), seedOf('other', 1, 7));
	t.not(seedOf(undefined, 1, 7), seedOf(undefined, 1, 8));
});

test('a stage that draws no random numbers has no seed', t => {
	const {nodes} = buildGraph(chain, variantsOf({a: {size: 1, factor: 2}}), '/root');
	t.deepEqual(nodes.map(({name, seed}) => [name, seed === null]), [['source', false], ['double', true], ['sum', true]]);
});

test('the comparison sees the params without patches', t => {
	let seen: unknown;
	const pipeline = definePipeline({
		params: schema,
		variant: ({add}) => ({values: add(source, {}, {size: 1}).values}),
		compare({params, variants}) {
			seen = [params.size, variants.map(({name, params: {size}}) => [name, size])];
			return {goals: {}};
		},
	});
	const variants = variantsOf({a: {size: 1, factor: 1}, b: {size: 2, factor: 1}}).map(variant => ({...variant, base: {...variant.base, size: 0}}));
	buildGraph(pipeline, variants, '/root');
	t.deepEqual(seen, [0, [['a', 1], ['b', 2]]]);
});

test('what is wired beyond the inputs of a stage is no input', t => {
	const graph = buildGraph(definePipeline({
		params: schema,
		variant({add, params: {size, factor}}) {
			const {values} = add(source, {}, {size});
			const {values: others} = add(source, {}, {size: 99}, {name: 'others'});
			const all = {values, others};
			return {products: add(double, all, {factor}).products};
		},
		compare: ({add}, {products}) => ({goals: {total: add(sum, {products}, {}).total}}),
	}), variantsOf({a: {size: 1, factor: 2}}), '/root');
	t.deepEqual(neededFor(graph, [graph.goals.total!.node]).map(({name}) => name), ['source', 'double', 'sum']);
});

test('a forgotten input is refused', t => {
	const pipeline = definePipeline({
		params: schema,
		variant: ({add}) => ({products: add(double, {} as never, {factor: 1}).products}),
		compare: () => ({goals: {}}),
	});
	t.throws(() => buildGraph(pipeline, variantsOf({a: {size: 1, factor: 1}}), '/root'), {name: 'UserError', message: 'Stage "double" is wired without its input "values"'});
});

const folderOf = (where: string) => {
	const pipeline = definePipeline({
		params: schema,
		variant: ({add, folder}) => ({values: add(reader, {folder: folder(where)}, {}).values}),
		compare: () => ({goals: {}}),
	});
	const [node] = buildGraph(pipeline, variantsOf({a: {size: 1, factor: 1}}), '/root/project').nodes;
	return (node!.inputs.folder as {path: string}).path;
};

test('a relative folder starts at the folder of the pipeline', t => {
	t.is(folderOf('data/faces'), '/root/project/data/faces');
	t.is(folderOf('/elsewhere'), '/elsewhere');
});

test.serial('a folder may name an environment variable and what stands for it', t => {
	const variable = ['$', '{GRAPH_TEST_FOLDER'].join('');
	process.env.GRAPH_TEST_FOLDER = '/mine';
	t.is(folderOf(`${variable}:-data}/x`), '/mine/x');
	delete process.env.GRAPH_TEST_FOLDER;
	t.is(folderOf(`${variable}:-data}/x`), '/root/project/data/x');
	t.throws(() => folderOf(`${variable}}/x`), {name: 'UserError', message: 'The environment variable GRAPH_TEST_FOLDER is not set'});
});
