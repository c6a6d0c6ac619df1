import test from 'ava';
import {frechetDistance} from '../../metrics/frechet-distance.ts';
import {sineFeatures} from '../helpers/sine-features.ts';

const float64Tolerance = 1e-9;

/** SciPy's sqrtm is itself accurate to about 1e−8 here, and the sines may differ in their last bit before they become float32. */
const largeTolerance = 1e-6;

const small = {values: new Float32Array([1, 2, 0, 0, 1, 1, 2, 0, 1, 3, 1, 4, 1, 1, 1]), size: 3};
const other = {values: new Float32Array([0, 0, 1, 1, 3, 1, 2, 2, 5, 4, 1, 0]), size: 3};

// Expected values: test/fixtures/metrics.py, with scipy.linalg.sqrtm.
test('three features agree with SciPy', t => {
	t.true(Math.abs(frechetDistance(small, other) - 3.007_489_296_285_734_2) < float64Tolerance);
});

test('96 features of different numbers of samples agree with SciPy', t => {
	const first = sineFeatures({
		count: 150, size: 96, frequency: 0.7, offset: 0,
	});
	const second = sineFeatures({
		count: 600, size: 96, frequency: 1.3, offset: 0.1,
	});
	const distance = frechetDistance(first, second);
	t.true(Math.abs(distance - 7.924_347_373_648_62) < largeTolerance, `got ${distance}`);
});

test('singular covariances have a distance', t => {
	// By hand: Σ₁ = 4(e₁ + e₃)(e₁ + e₃)ᵀ, Σ₂ = 2 e₁e₁ᵀ, so Σ₁Σ₂ has one eigenvalue, 8, and the traces are 8 and 2; μ₁ − μ₂ = (0, −1, 2).
	const first = {values: new Float32Array([0, 0, 0, 2, 0, 2, 4, 0, 4]), size: 3};
	const second = {values: new Float32Array([1, 1, 0, 3, 1, 0]), size: 3};
	t.true(Math.abs(frechetDistance(first, second) - (5 + 10 - (2 * Math.sqrt(8)))) < float64Tolerance);
});

test('identical sets are at distance 0', t => {
	t.true(frechetDistance(small, small) < float64Tolerance);
});

test('the order of the sets does not matter', t => {
	t.true(Math.abs(frechetDistance(small, other) - frechetDistance(other, small)) < float64Tolerance);
});

test('moving a set adds the squared length of the move', t => {
	const moved = {values: small.values.map((value, index) => value + (index % 3)), size: 3};
	t.true(Math.abs(frechetDistance(small, moved) - 5) < float64Tolerance);
});

test('one sample is refused', t => {
	t.throws(() => frechetDistance(small, {values: new Float32Array(3), size: 3}), {name: 'UserError', message: 'Expected at least 2 samples for a covariance, got 1'});
});

test('features that are not finite are refused', t => {
	t.throws(() => frechetDistance({values: new Float32Array([1, Number.NaN, 3, 4, 5, 6]), size: 3}, small), {name: 'UserError', message: 'Expected features that are finite numbers, got NaN for feature 1 of sample 0'});
});
