import test from 'ava';
import * as tf from '@tensorflow/tfjs-core';
import {useBackend} from '../../tensors/backend.ts';
import {convolve} from '../../tensors/convolution.ts';
import {largestDifference, liveTensors, wave} from '../helpers/tensors.ts';

/** Sums of up to a few hundred float32 products of numbers below 1, in another order. */
const tolerance = 1e-4;

const cases = [1, 2].flatMap(strides => [[1, 1, 0, 0], [3, 3, 1, 1], [1, 3, 0, 1], [3, 2, 0, 0]].flatMap(([rows, columns, top, left]) => [[2, 6, 4], [4, 8, 12], [3, 3, 6]].map(([groups, channels, outputs]) => ({
	strides, rows: rows!, columns: columns!, top: top!, left: left!, groups: groups!, channels: channels!, outputs: outputs!,
}))));

/** Y, dx and dfilter of a grouped convolution. */
function convolved({strides, rows, columns, top, left, groups, channels, outputs}: typeof cases[number]): Float32Array[] {
	return tf.tidy(() => {
		const x = wave([2, 7, 6, channels], 1.7);
		const filter = wave([rows, columns, channels / groups, outputs], 0.9);
		const run = (x: tf.Tensor, filter: tf.Tensor) => convolve(x as tf.Tensor4D, filter as tf.Tensor4D, {strides, pad: [[0, 0], [top, top], [left, left], [0, 0]], groups});
		const y = run(x, filter);
		const [dx, dFilter] = tf.grads(run)([x, filter], wave(y.shape, 2.3));
		return [y, dx!, dFilter!].map(tensor => tensor.dataSync<'float32'>());
	});
}

test.serial('a grouped convolution and its gradients are those of its groups one by one', async t => {
	await useBackend('cpu');
	const expected = cases.map(one => convolved(one));
	await useBackend('wasm');
	const before = liveTensors();
	for (const [index, one] of cases.entries()) {
		for (const [part, numbers] of convolved(one).entries()) {
			const difference = largestDifference(numbers, expected[index]![part]!);
			t.true(difference < tolerance, `${JSON.stringify(one)} differs by ${difference}`);
		}
	}

	t.deepEqual(liveTensors(), before);
});

/*
	Import torch, torch.nn.functional as F
	wave = lambda shape, f: torch.sin(f * torch.arange(torch.Size(shape).numel(), dtype=torch.float64)).reshape(shape)
	F.conv2d(wave((1, 3, 3, 4), 1.7).permute(0, 3, 1, 2), wave((2, 2, 2, 2), 0.9).permute(3, 2, 0, 1), groups=2).permute(0, 2, 3, 1).flatten().tolist()
*/
test.serial('a grouped convolution is that of PyTorch', async t => {
	await useBackend('wasm');
	const y = tf.tidy(() => convolve(wave([1, 3, 3, 4], 1.7) as tf.Tensor4D, wave([2, 2, 2, 2], 0.9) as tf.Tensor4D, {strides: 1, pad: [[0, 0], [0, 0], [0, 0], [0, 0]], groups: 2}).dataSync());
	t.true(largestDifference(y, [-0.003_436_7, 0.147_676_9, -0.002_262_3, 0.081_369_8, 0.001_398_2, -0.092_135_4, 0.002_928_1, -0.154_013_2]) < tolerance, `${y.join(', ')}`);
});
