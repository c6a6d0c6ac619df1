import test from 'ava';
import {drawBlobs} from '../../toy/blobs.ts';
import {golden, paperBlobs, paperPoints} from '../helpers/toy.ts';

/** Rounding of 500 points to float32, of at most 17 each. */
const sumTolerance = 500 * 17 * (2 ** -24);

test('the points of the paper are those of scikit-learn to the last bit of a float32', t => {
	const {points, labels} = paperPoints();
	t.deepEqual([...points.subarray(0, golden.points.length)], golden.points);
	t.deepEqual([...labels], golden.labels);
	for (const [axis, expected] of golden.columnSums.entries()) {
		const sum = [...points].filter((_, index) => index % 2 === axis).reduce((total, value) => total + value, 0);
		t.true(Math.abs(sum - expected) < sumTolerance, `axis ${axis}: ${sum}`);
	}
});

test('points that cannot be shared equally go to the first classes', t => {
	const {labels} = drawBlobs({...paperBlobs, samples: 11});
	t.deepEqual([0, 1, 2].map(label => labels.filter(other => other === label).length), [4, 4, 3]);
});

test('another seed draws other points', t => {
	t.notDeepEqual(drawBlobs({...paperBlobs, numpySeed: 18}).points, paperPoints().points);
});
