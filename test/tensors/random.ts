import {Buffer} from 'node:buffer';
import test from 'ava';
import {randomStream, type RandomStream} from '../../tensors/random.ts';

const count = 100_000;
/** Five standard errors of the mean of `count` values of variance 1. */
const meanTolerance = 5 / Math.sqrt(count);

function draw<Value>(length: number, next: () => Value): Value[] {
	return Array.from({length}, () => next());
}

function mean(values: readonly number[]): number {
	return values.reduce((sum, value) => sum + value, 0) / values.length;
}

test('the same seed gives the same bytes', t => {
	const bytes = (stream: RandomStream) => [stream.normals(100), stream.uniforms(100, -1, 1), stream.permutation(50)].map(values => Buffer.from(values.buffer).toString('hex'));
	t.deepEqual(bytes(randomStream('seed')), bytes(randomStream('seed')));
	t.deepEqual(bytes(randomStream('seed').split('name')), bytes(randomStream('seed').split('name')));
});

// From test/fixtures/random.py, which was written from the description of the generator.
test('the numbers of a seed never change', t => {
	const stream = randomStream('0');
	const four = (stream: RandomStream) => draw(4, () => stream.uniform());
	t.deepEqual(four(stream), [0.346_467_783_434_896_8, 0.707_105_923_292_143_8, 0.909_305_560_637_414_7, 0.115_367_001_366_239_79]);
	t.deepEqual(four(stream.split('batches')), [0.865_533_897_198_931_7, 0.097_441_027_631_978_37, 0.139_080_367_635_451_4, 0.101_016_739_709_782_31]);
});

test('drawing from a stream shifts neither its splits nor its siblings', t => {
	const untouched = randomStream('seed');
	const drawn = randomStream('seed');
	drawn.normals(7);
	drawn.split('a').uniforms(5, 0, 1);
	t.deepEqual(drawn.split('b').normals(5), untouched.split('b').normals(5));
});

test('streams of different names, seeds and nesting differ', t => {
	const seed = randomStream('seed');
	const unnamed = '';
	const streams = [seed, seed.split(unnamed), seed.split('a'), seed.split('b'), seed.split('a').split('b'), seed.split('b').split('a'), seed.split('ab'), randomStream('seeda'), randomStream('see'), randomStream('')];
	const firsts = streams.map(stream => stream.uniform());
	t.is(new Set(firsts).size, streams.length);
});

test('streams of consecutive names are not correlated', t => {
	const products = draw(count, (() => {
		let index = 0;
		return () => {
			const [a, b] = [`image ${index++}`, `image ${index}`].map(name => randomStream('seed').split(name).uniform(-Math.sqrt(3), Math.sqrt(3)));
			return a! * b!;
		};
	})());
	t.true(Math.abs(mean(products)) < meanTolerance);
});

test('uniform numbers have the moments and the range of their interval', t => {
	const stream = randomStream('uniform');
	const values = draw(count, () => stream.uniform(-1, 3));
	t.true(values.every(value => value >= -1 && value < 3));
	const spread = 4 / Math.sqrt(12);
	t.true(Math.abs(mean(values) - 1) < meanTolerance * spread);
	t.true(Math.abs(mean(values.map(value => (value - 1) ** 2)) - (spread ** 2)) < meanTolerance * (spread ** 2));
	const floats = [...stream.uniforms(count, 0, 1)];
	t.true(floats.every(value => value >= 0 && value < 1));
	t.true(Math.abs(mean(floats) - 0.5) < meanTolerance / Math.sqrt(12));
});

test('normal numbers have the first four moments of their distribution', t => {
	const stream = randomStream('normal');
	const values = draw(count, () => stream.normal());
	// The variances of the first four powers are 1, 2, 15 and 96.
	for (const [power, expected, variance] of [[1, 0, 1], [2, 1, 2], [3, 0, 15], [4, 3, 96]] as const) {
		t.true(Math.abs(mean(values.map(value => value ** power)) - expected) < meanTolerance * Math.sqrt(variance), `moment ${power}`);
	}
});

test('neighbouring draws are not correlated', t => {
	const values = randomStream('lag').normals(count);
	const products = [...values].slice(1).map((value, index) => value * values[index]!);
	t.true(Math.abs(mean(products)) < meanTolerance);
});

test('integers are uniform below their bound', t => {
	const stream = randomStream('integer');
	const counts = Array.from({length: 7}, () => 0);
	for (let index = 0; index < count; index++) {
		counts[stream.integer(7)]!++;
	}

	const expected = count / 7;
	const chiSquare = counts.reduce((sum, found) => sum + (((found - expected) ** 2) / expected), 0);
	// The 99.9th percentile of χ² with 6 degrees of freedom: scipy.stats.chi2.ppf(0.999, 6).
	t.true(chiSquare < 22.46);
	t.throws(() => stream.integer(0), {message: 'integer(bound) needs a whole number above 0, got 0'});
});

test('permutations hold each number once and put every number first equally often', t => {
	const stream = randomStream('permutation');
	t.deepEqual([...stream.permutation(100)].toSorted((a, b) => a - b), Array.from({length: 100}, (_, index) => index));
	const firsts = draw(count / 10, () => stream.permutation(4)[0]!);
	for (const item of [0, 1, 2, 3]) {
		t.true(Math.abs(firsts.filter(first => first === item).length - (count / 40)) < 5 * Math.sqrt(count / 40));
	}
});

test('shuffling leaves its argument alone', t => {
	const items = ['a', 'b', 'c', 'd', 'e'];
	const shuffled = randomStream('shuffle').shuffle(items);
	t.deepEqual(items, ['a', 'b', 'c', 'd', 'e']);
	t.deepEqual(shuffled.toSorted((a, b) => a.localeCompare(b)), items);
});

test('categories are drawn in proportion to their weights', t => {
	const stream = randomStream('categorical');
	const drawn = draw(count, () => stream.categorical([0, 3, 1, 0]));
	t.deepEqual([...new Set(drawn)].toSorted((a, b) => a - b), [1, 2]);
	t.true(Math.abs((drawn.filter(category => category === 1).length / count) - 0.75) < meanTolerance);
	t.throws(() => stream.categorical([0, 0]), {message: 'categorical(weights) needs a weight above 0'});
	t.throws(() => stream.categorical([1, -1]), {message: 'categorical(weights) needs finite weights of at least 0, got -1 at index 1'});
});

test('a stream goes on from where it was, also between the two normals of a pair', t => {
	for (const normals of [0, 1, 2, 3]) {
		const stream = randomStream('position');
		stream.integer(10);
		stream.normals(normals);
		const position = stream.position();
		const following = [...stream.normals(5), stream.uniform(), stream.integer(1000)];

		const again = randomStream('position').at(position);
		t.deepEqual([...again.normals(5), again.uniform(), again.integer(1000)], following);
		t.is(again.split('name').uniform(), stream.split('name').uniform(), 'what is split off does not depend on the position');
		t.deepEqual(again.position(), stream.position());
	}
});
