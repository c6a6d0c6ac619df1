import test from 'ava';
import {layeredDag} from '../../bench/layered-dag.ts';

const describe = (count: number) => layeredDag(count).nodes.map(({name, inputs, sources}) => `${name} ← ${[...inputs.map(input => input.name), ...sources].join(' ')}`);

test('a node reads the one above, and its neighbour where layer and place are even together', t => {
	// Layers of three; the row is a ring.
	t.deepEqual(describe(8), [
		't00000 ← s0',
		't00001 ← s1',
		't00002 ← s2',
		't00003 ← t00000',
		't00004 ← t00001 t00002',
		't00005 ← t00002',
		't00006 ← t00003 t00004',
		't00007 ← t00004 leaf',
	]);
});

test('the smallest DAG has two layers', t => {
	t.deepEqual(describe(3), ['t00000 ← s0', 't00001 ← s1', 't00002 ← t00000 leaf']);
	t.throws(() => layeredDag(2), {instanceOf: RangeError, message: 'A layered DAG has at least 3 nodes, got 2'});
	t.throws(() => layeredDag(4.5), {instanceOf: RangeError, message: 'A layered DAG has at least 3 nodes, got 4.5'});
});

const shape = (count: number) => {
	const {width, layers, edges, sinks, sources} = layeredDag(count);
	return {width, layers, edges, sinks: sinks.length, sources: sources.length};
};

test('width, layers and edges grow as a square does', t => {
	t.deepEqual(shape(10), {width: 4, layers: 3, edges: 9, sinks: 4, sources: 5});
	t.deepEqual(shape(100), {width: 10, layers: 10, edges: 135, sinks: 10, sources: 11});
	t.deepEqual(shape(1000), {width: 32, layers: 32, edges: 1452, sinks: 31, sources: 33});
	t.deepEqual(shape(10_000), {width: 100, layers: 100, edges: 14_850, sinks: 100, sources: 101});
});

test('only the last node reads the leaf, and nothing reads the last node', t => {
	const {nodes, last, sinks} = layeredDag(1000);
	t.deepEqual(nodes.filter(({sources}) => sources.includes('leaf')), [last]);
	t.true(sinks.includes(last));
	t.false(nodes.some(({inputs}) => inputs.includes(last)));
});
