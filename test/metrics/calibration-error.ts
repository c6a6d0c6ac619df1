import test from 'ava';
import {binnedCalibrationError, calibrationError} from '../../metrics/calibration-error.ts';

const tolerance = 1e-7;

// Torchmetrics 1.2: _ce_compute(confidences, correct, torch.linspace(0, 1, 11), norm); bins 9, 9, 6, 3, 9 and 10.
const confidences = new Float32Array([0.95, 0.9, 0.62, 0.31, 0.99, 1]);
const correct = [true, false, true, false, true, true];

test('the L2 norm agrees with torchmetrics', t => {
	t.true(Math.abs(binnedCalibrationError(confidences, correct) - 0.281_573) < tolerance);
});

test('the L1 norm agrees with torchmetrics', t => {
	t.true(Math.abs(binnedCalibrationError(confidences, correct, {norm: 'l1'}) - 0.255) < tolerance);
});

test('a confidence of exactly 1 has a bin of its own', t => {
	// In one bin with the wrong 0.95 its gap would cancel part of the other.
	t.true(Math.abs(binnedCalibrationError(new Float32Array([1, 0.95]), [true, false], {norm: 'l1'}) - (0.95 / 2)) < tolerance);
});

test('a confidence on a border belongs to the bin above', t => {
	// Of 10 bins 0.7 starts the eighth, although 0.7 in float32 times 10 is below 7.
	t.true(Math.abs(binnedCalibrationError(new Float32Array([0.7, 0.69]), [true, false], {norm: 'l1'}) - ((0.3 + 0.69) / 2)) < tolerance);
});

test('confidences that are right as often as they say have no error', t => {
	t.is(binnedCalibrationError(new Float32Array([0.5, 0.5]), [true, false]), 0);
});

test('logits are judged by their top prediction', t => {
	// Softmax of the top classes by NumPy: 0.78559703 (right) and 0.36716540 (wrong).
	const expected = Math.sqrt((((1 - 0.785_597_03) ** 2) + (0.367_165_4 ** 2)) / 2);
	t.true(Math.abs(calibrationError(new Float32Array([2, -1, 0.5, 0.1, 0.2, 0.3]), new Int32Array([0, 0])) - expected) < tolerance);
});

test('saturated logits reach the bin of exactly 1', t => {
	t.is(calibrationError(new Float32Array([9000, -9000, -9000, 9000]), new Int32Array([0, 1])), 0);
});

test('class 0 behaves like any other class', t => {
	const first = calibrationError(new Float32Array([1, 0, 0, 1]), new Int32Array([0, 0]));
	t.is(first, calibrationError(new Float32Array([0, 1, 1, 0]), new Int32Array([1, 1])));
});
