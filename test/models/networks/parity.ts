import test from 'ava';
import {classifierWeights} from '../../../models/classifier-weights.ts';
import {useBackend} from '../../../tensors/backend.ts';
import {
	evaluationErrors, networkCases, trainingErrors, type Errors,
} from '../../helpers/network-parity.ts';
import {liveTensors} from '../../helpers/tensors.ts';

/** Of float32 against PyTorch's float64, through up to a few hundred layers. */
const tolerance = 1e-4;

/** Where PyTorch's own float32 is farther from its float64 than that, as gradients through batch statistics are, how many times as far we may be. */
const timesPytorch = 3;

const withinTolerance = (errors: Errors, float32Errors: Errors) => Object.entries(errors).filter(([kind, error]) => !(error <= Math.max(tolerance, timesPytorch * float32Errors[kind]!)));

test.before(async () => {
	await useBackend('wasm');
});

/** The rest is compared by bench/parity.ts, because it takes longer. */
const inferred = ['resnet18', 'resnet50', 'resnext50_32x4d', 'densenet121', 'inception_v3', 'inception_resnet_v1', 'vgg16_bn', 'ir50'];
const trained = ['resnet18', 'resnext50_32x4d', 'vgg16_bn', 'ir50'];

for (const [name, {weights, evaluation: {side}}] of Object.entries(networkCases)) {
	test(`${name} has the weights of the original`, t => {
		const isFull = name.includes('with auxiliary head');
		const ours = classifierWeights(name.split(' ')[0]!, {numClasses: 5, imageShape: [side, side, 3], auxiliaryClasses: isFull ? 7 : 0});
		t.is(new Set(ours.map(({name}) => name)).size, ours.length);
		t.deepEqual(Object.fromEntries(ours.map(({name, shape}) => [name, shape])), weights);
	});
}

for (const name of inferred) {
	test.serial(`logits, features, hidden layers and gradients for the images of ${name} are those of the original`, t => {
		const before = liveTensors();
		t.deepEqual(withinTolerance(evaluationErrors(name), networkCases[name]!.evaluation.float32Errors), []);
		t.deepEqual(liveTensors(), before);
	});
}

for (const name of trained) {
	test.serial(`a training step of ${name} is that of the original`, async t => {
		const before = liveTensors();
		t.deepEqual(withinTolerance(await trainingErrors(name), networkCases[name]!.training.float32Errors), []);
		t.deepEqual(liveTensors(), before);
	});
}
