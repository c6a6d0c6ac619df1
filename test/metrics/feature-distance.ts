import test from 'ava';
import {featureDistance, nearestReferences} from '../../metrics/feature-distance.ts';

const references = {
	values: new Float32Array([0, 0, 3, 4, 10, 10, 10, 12]),
	size: 2,
	labels: new Int32Array([0, 0, 1, 1]),
};
const samples = {values: new Float32Array([3, 0, 10, 13, 0, 5]), size: 2, labels: new Int32Array([0, 1, 0])};

test('distance is to the nearest reference of the same class, averaged over samples', t => {
	t.is(featureDistance(samples, references), (3 + 1 + Math.sqrt(10)) / 3);
});

test('squared distances are averaged after squaring', t => {
	t.is(featureDistance(samples, references, {squared: true}), (9 + 1 + 10) / 3);
});

test('nearest references are named by their index in the reference set', t => {
	t.deepEqual(nearestReferences(samples, references), {
		indices: new Int32Array([0, 3, 1]),
		squaredDistances: new Float64Array([9, 1, 10]),
	});
});

test('a nearer reference of another class does not count', t => {
	t.is(featureDistance({values: new Float32Array([10, 10]), size: 2, labels: new Int32Array([0])}, references, {squared: true}), 49 + 36);
});

test('identical sets are at distance 0', t => {
	t.is(featureDistance(references, references), 0);
});

test('a class without references is refused', t => {
	t.throws(() => featureDistance({...samples, labels: new Int32Array([0, 1, 2])}, references), {name: 'UserError', message: 'Expected reference features for class 2, got none'});
});

test('features of another size are refused', t => {
	t.throws(() => featureDistance({values: new Float32Array(3), size: 3, labels: new Int32Array(1)}, references), {name: 'UserError', message: 'Expected features of one size, got 3 and 2'});
});

test('labels that do not fit the features are refused', t => {
	t.throws(() => featureDistance({...samples, labels: new Int32Array(2)}, references), {name: 'UserError', message: 'Expected one label per feature vector, got 2 labels for 3'});
});

test('no samples are refused', t => {
	t.throws(() => featureDistance({values: new Float32Array(), size: 2, labels: new Int32Array()}, references), {name: 'UserError', message: 'Expected samples to measure, got none'});
});
