import {createHash} from 'node:crypto';
import test from 'ava';
import {linearWeights, pytorchStream} from '../../tensors/pytorch-random.ts';
import {fixture} from '../helpers/tensors.ts';

/** The last of 700 uniform numbers, and the SHA-256 of all. */
type Uniforms = {readonly seed: number; readonly low: number; readonly high: number; readonly values: readonly number[]; readonly digest: string};

/** The second of two equal layers. */
type Linear = {readonly seed: number; readonly inputs: number; readonly outputs: number; readonly hasBias: boolean; readonly weight: readonly number[]; readonly bias: readonly number[]};

const {pytorch, linear} = fixture<{pytorch: readonly Uniforms[]; linear: readonly Linear[]}>('framework-random.json');

for (const {seed, low, high, values, digest} of pytorch) {
	test(`uniform numbers of seed ${seed} from ${low} to ${high} are those of PyTorch to the last bit`, t => {
		const drawn = pytorchStream(seed).uniforms(700, low, high);
		t.deepEqual([...drawn.subarray(-values.length)], values);
		t.is(createHash('sha256').update(drawn).digest('hex'), digest);
	});
}

test('the first uniform numbers of seed 42 are those of the specification of the study', t => {
	t.deepEqual([...pytorchStream(42).uniforms(3, 0, 1)].map(value => value.toFixed(6)), ['0.882269', '0.915004', '0.382864']);
});

for (const {seed, inputs, outputs, hasBias, weight, bias} of linear) {
	test(`a layer from ${inputs} to ${outputs} ${hasBias ? 'with' : 'without'} bias starts as in PyTorch to the last bit`, t => {
		const stream = pytorchStream(seed);
		linearWeights(stream, {inputs, outputs, hasBias});
		const layer = linearWeights(stream, {inputs, outputs, hasBias});
		t.deepEqual([...layer.weight], weight);
		t.deepEqual([...layer.bias], bias);
	});
}
