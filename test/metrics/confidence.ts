import test from 'ava';
import {confidences, meanConfidence} from '../../metrics/confidence.ts';

const float32Tolerance = 1e-7;

const logits = new Float32Array([2, -1, 0.5, 0.1, 0.2, 0.3]);

test('confidence is the softmax of the own class', t => {
	// Python: np.exp(x) / np.exp(x).sum()
	const [first, second] = confidences(logits, new Int32Array([0, 2]));
	t.true(Math.abs(first! - 0.785_597_03) < float32Tolerance);
	t.true(Math.abs(second! - 0.367_165_4) < float32Tolerance);
});

test('the mean is over all samples', t => {
	t.true(Math.abs(meanConfidence(logits, new Int32Array([1, 0])) - ((0.039_112_57 + 0.300_609_61) / 2)) < float32Tolerance);
});

test('logits of tens of thousands do not overflow', t => {
	t.deepEqual([...confidences(new Float32Array([90_000, -90_000, 90_000, -90_000]), new Int32Array([0, 1]))], [1, 0]);
});
