import test from 'ava';
import {prdc} from '../../metrics/prdc.ts';
import {sineFeatures} from '../helpers/sine-features.ts';

const tolerance = 1e-12;

const labelled = (values: number[], label: number) => ({values: new Float32Array(values), size: 1, labels: new Int32Array(values.length).fill(label)});

const join = (...parts: Array<ReturnType<typeof labelled>>) => ({
	values: Float32Array.from(parts.flatMap(({values}) => [...values])),
	size: 1,
	labels: Int32Array.from(parts.flatMap(({labels}) => [...labels])),
});

// Real balls reach 1 to each side. Generated balls: [−3.5, 2.5], [1, 4], [2.5, 5.5].
const real = [0, 1, 2, 10, 11];
const generated = [-0.5, 2.5, 4];

test('a line of points gives what counting by hand gives', t => {
	t.deepEqual(prdc(labelled(real, 4), labelled(generated, 4), {k: 1}), {
		precision: 2 / 3, recall: 3 / 5, density: 2 / 3, coverage: 2 / 5,
	});
});

test('three nearest neighbours agree with NumPy', t => {
	// By test/fixtures/metrics.py.
	const first = sineFeatures({
		count: 12, size: 3, frequency: 0.7, offset: 0,
	});
	const second = sineFeatures({
		count: 9, size: 3, frequency: 1.3, offset: 0.5,
	});
	const values = prdc({...first, labels: new Int32Array(12)}, {...second, labels: new Int32Array(9)});
	t.is(values.precision, 1);
	t.is(values.recall, 1);
	t.true(Math.abs(values.density - 0.592_592_592_592_592_6) < tolerance);
	t.true(Math.abs(values.coverage - 0.666_666_666_666_666_6) < tolerance);
});

test('identical sets have precision, recall and coverage 1', t => {
	const {precision, recall, coverage} = prdc(labelled(real, 0), labelled(real, 0));
	t.deepEqual({precision, recall, coverage}, {precision: 1, recall: 1, coverage: 1});
});

test('identical sets of coinciding samples have coverage 1', t => {
	const same = labelled([7, 7, 7, 7, 7], 0);
	t.is(prdc(same, same).coverage, 1);
});

test('sets far apart have nothing in common', t => {
	t.deepEqual(prdc(labelled(real, 0), labelled(real.map(value => value + 1000), 0)), {
		precision: 0, recall: 0, density: 0, coverage: 0,
	});
});

test('class 0 sees only its own samples', t => {
	// If class 0 stood for all data, the samples of class 1 would cover these.
	const values = prdc(
		join(labelled([0, 1, 2, 3], 0), labelled([100, 101, 102, 103], 1)),
		join(labelled([100, 101, 102, 103], 0), labelled([100, 101, 102, 103], 1)),
	);
	t.is(values.precision, 0.5);
	t.is(values.coverage, 0.5);
});

test('classes without generated samples do not count', t => {
	const own = labelled(real, 0);
	t.is(prdc(join(own, labelled([50, 60, 70, 80], 1)), own).coverage, 1);
});

test('a class with too few samples is refused', t => {
	t.throws(() => prdc(labelled(real, 2), labelled([1, 2, 3], 2)), {name: 'UserError', message: 'Expected more than 3 generated samples of class 2, got 3'});
});

test('a class without real samples is refused', t => {
	t.throws(() => prdc(labelled(real, 2), labelled(real, 0)), {name: 'UserError', message: 'Expected more than 3 real samples of class 0, got 0'});
});
