import test from 'ava';
import {describeError} from '../../engine/error.ts';
import {drawBlobs} from '../../toy/blobs.ts';
import {confidenceGrid, toyClassifier} from '../../toy/classifier.ts';
import {invertToy} from '../../toy/inversion.ts';
import {initialNetwork} from '../../toy/layers.ts';
import {trainToy, type ToyTrainingState} from '../../toy/training.ts';
import {largestDifference} from '../helpers/tensors.ts';
import {golden, idle, paperAttack, paperBlobs, paperNetwork, paperPoints, paperTraining} from '../helpers/toy.ts';

/** After 5000 steps the order of summation shows in the tenth digit at most, and twelve are stored. */
const float64Tolerance = 1e-9;

/** How far float32 arithmetic leads from float64, in PyTorch as in the authors' code. */
const float32Tolerance = 1e-4;

/** Steps, distance and end point of the specification of the study, in its digits. */
const specified = new Map([
	[0, {steps: 763, distance: 3.2304, end: [5.619_86, 5.311_11]}],
	[0.05, {steps: 3113, distance: 0.645, end: [8.065_44, 7.564_57]}],
	[-0.05, {steps: 53, distance: 6.7482, end: [1.333_06, 3.750_07]}],
]);

for (const [index, expected] of golden.float64.entries()) {
	const {alpha} = expected;
	test.serial(`the network of the paper for α = ${alpha} is trained and inverted as PyTorch does it`, async t => {
		const points = paperPoints();
		const {network, history} = await trainToy(paperNetwork(), points, {alpha, ...paperTraining}, {onStep: idle});
		const losses = golden.checkpoints.map(step => history.columns.loss![step]!);
		t.true(largestDifference(losses, expected.losses) < float64Tolerance, 'losses');
		t.true(largestDifference(network.means, expected.runningMeans) < float64Tolerance, 'running means');
		t.true(largestDifference(network.variances, expected.runningVariances) < float64Tolerance * 100, 'running variances, which reach some hundreds');

		const classifier = toyClassifier(network);
		// A grid of three cells per side has its middles at −15, 0 and 15.
		t.true(largestDifference(confidenceGrid(classifier, {extent: 22.5, resolution: 3}), expected.confidences) < float64Tolerance, 'confidences');

		const {steps, confidence, distance, path} = await invertToy(classifier, points, paperAttack, idle);
		t.is(path.length, expected.inversion.steps + 2);
		t.true(Math.abs(confidence - expected.inversion.confidence) < float64Tolerance, 'confidence');
		t.true(largestDifference([0, 1, 10, 50].flatMap(place => path[place]!), expected.inversion.path.flat()) < float64Tolerance, 'path');
		t.true(largestDifference(losses, golden.float32[index]!.losses) < float32Tolerance, 'losses in float32');
		for (const [other, tolerance] of [[expected.inversion, float64Tolerance], [golden.float32[index]!.inversion, float32Tolerance], [specified.get(alpha)!, float32Tolerance]] as const) {
			t.is(steps, other.steps);
			t.true(Math.abs(distance - other.distance) < tolerance, `${distance}, expected ${other.distance}`);
			t.true(largestDifference(path.at(-1)!, other.end) < tolerance, `${path.at(-1)!.join(', ')}, expected ${other.end.join(', ')}`);
		}
	});
}

const small = {points: drawBlobs({...paperBlobs, samples: 20}), network: () => initialNetwork([2, 5, 3], 1), training: {alpha: 0.05, steps: 12, learningRate: 0.01, momentum: 0.9}};

test('a training that was stopped goes on to the same bits', async t => {
	const whole = await trainToy(small.network(), small.points, small.training, {onStep: idle});
	for (const stop of [1, 7, 12]) {
		let state: ToyTrainingState | undefined;
		await trainToy(small.network(), small.points, small.training, {
			async onStep(done, _total, _unit, takeState) {
				if (done === stop) {
					state = await takeState?.();
				}
			},
		});
		t.is(state?.step, stop);
		t.deepEqual(await trainToy(small.network(), small.points, small.training, {onStep: idle, resume: state}), whole);
	}
});

test('a training leaves the network it starts from alone', async t => {
	const network = small.network();
	await trainToy(network, small.points, small.training, {onStep: idle});
	t.deepEqual(network, small.network());
});

test('every step is reported', async t => {
	const steps: string[] = [];
	await trainToy(small.network(), small.points, {...small.training, steps: 3}, {
		async onStep(done, total, unit) {
			steps.push(`${done}/${total} ${unit}`);
		},
	});
	t.deepEqual(steps, ['1/3 step', '2/3 step', '3/3 step']);
});

test('a loss that is no number is reported at its step', async t => {
	const error = await t.throwsAsync(trainToy(small.network(), small.points, {...small.training, alpha: -10, learningRate: 1e200}, {onStep: idle}));
	t.is(describeError(error), [
		'The loss of the toy network became NaN in step 2 of 12',
		'  alpha         -10',
		'  learningRate  1e+200',
		'  momentum      0.9',
		'Lower "toy.training.learningRate", or bring the factor nearer to 0.',
	].join('\n'));
});
