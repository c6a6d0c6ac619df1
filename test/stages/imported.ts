import {Buffer} from 'node:buffer';
import {statSync} from 'node:fs';
import test from 'ava';
import {classifier as classifierType, type Classifier} from '../../artifacts/classifier.ts';
import {buildClassifier, predictLogits} from '../../models/classifier.ts';
import {expectedWeights} from '../../models/expected-weights.ts';
import {accuracy} from '../../metrics/accuracy.ts';
import {importedClassifier} from '../../stages/18-imported-classifier.ts';
import {importedFeatures} from '../../stages/19-imported-features.ts';
import {importedWeights} from '../../stages/19-imported-weights.ts';
import {fineTuning} from '../../stages/21-fine-tuning.ts';
import {useBackend} from '../../tensors/backend.ts';
import {adoptWeights} from '../../training/fine-tune.ts';
import {measureImported} from '../../weights/measure.ts';
import {colouredImages} from '../helpers/report.ts';
import {perform} from '../helpers/stage.ts';
import {untrainedClassifier} from '../helpers/untrained.ts';
import {makeFolder} from '../helpers/weights-files.ts';

const images = colouredImages('test', {classes: 3, perClass: 4, size: 8});
const model = untrainedClassifier('imported');

test.before(async () => {
	await useBackend('wasm');
});

/** A file as a stage gets it. */
function inputFile(files: ReturnType<typeof makeFolder>, value: Classifier) {
	const path = files.write('model.safetensors', Buffer.concat([...classifierType.encode(value)]));
	return {path, sizeBytes: statSync(path).size, digest: 'not looked at'};
}

test.serial('an imported classifier is that of the file, and what it recognises is recorded and logged', async t => {
	using files = makeFolder();
	const {outputs: {model: imported, record, history}, lines, leakedTensors} = await perform(importedClassifier, {weights: inputFile(files, model), test: images}, {architecture: 'surrogate-small'});
	t.deepEqual(imported, model);
	using network = buildClassifier(model);
	const testAccuracy = accuracy(await predictLogits(network, images, {batchSize: 5}), images.labels);
	t.deepEqual(record.measured, [{testAccuracy, isChosen: true}]);
	t.deepEqual(history, {unit: 'epoch', columns: {}});
	t.is(lines.at(-1), `test accuracy ${(100 * testAccuracy).toFixed(2)} %`);
	t.is(leakedTensors, 0);
});

test.serial('the weights of other people are refused, before anything is measured', async t => {
	using files = makeFolder();
	const weights = inputFile(files, untrainedClassifier('others', {numClasses: 5}));
	await t.throwsAsync(perform(importedClassifier, {weights, test: images}, {architecture: 'surrogate-small'}), {name: 'UserError', message: /0 missing, 0 unexpected, 2 of another shape$/});
});

test.serial('weights to start from may be of other people', async t => {
	using files = makeFolder();
	const others = untrainedClassifier('others', {numClasses: 5});
	const {outputs: {model: imported, record}} = await perform(importedWeights, {weights: inputFile(files, others), images}, {architecture: 'surrogate-small'});
	t.deepEqual(imported, others);
	t.deepEqual(record.measured, []);
});

/** Weights of an Inception without its auxiliary head; any that keep the activations in range. */
function inceptionWeights(): Classifier['weights'] {
	return Object.fromEntries(expectedWeights('inception_v3', {numClasses: 3, imageShape: [75, 75, 3]}).map(({name, shape}) => {
		const [outputs, ...rest] = shape;
		const fanIn = rest.reduce((product, length) => product * length, 1);
		const data = rest.length === 0
			? new Float32Array(outputs!).fill(name.endsWith('.bias') || name.endsWith('mean') ? 0 : 1)
			: Float32Array.from({length: outputs! * fanIn}, (_, index) => Math.sin(index * 1.7) * Math.sqrt(2 / fanIn));
		return [name, {shape, data}];
	}));
}

test.serial('both scales of the input of an Inception are measured, and the better one is taken unless one is said', async t => {
	const inception: Classifier = {architecture: 'inception_v3', numClasses: 3, imageShape: [75, 75, 3], weights: inceptionWeights()};
	const large = colouredImages('test', {classes: 3, perClass: 1, size: 75});
	const source = {file: 'x.pth', sizeBytes: 1, sha256: '0', container: 'PyTorch (zip)', strippedPrefix: '', dropped: [], elementTypes: []};
	const noStep = async () => undefined;
	const {classifier, record} = await measureImported({classifier: inception, source}, large, noStep);
	t.deepEqual(record.measured.map(({transformInput}) => transformInput), [true, false]);
	const best = Math.max(...record.measured.map(({testAccuracy}) => testAccuracy));
	t.is(record.measured.find(({isChosen}) => isChosen)?.testAccuracy, best);
	t.is(classifier.transformInput, record.measured.find(({isChosen}) => isChosen)?.transformInput);

	const official = await measureImported({classifier: {...inception, transformInput: false}, source}, large, noStep);
	t.is(official.classifier.transformInput, false);
	t.deepEqual(official.record.measured.map(({testAccuracy, isChosen}) => [testAccuracy, isChosen]), record.measured.map(({testAccuracy}, index) => [testAccuracy, index === 1]));
});

const training = {
	architecture: 'surrogate-small', alpha: 0, holdUntil: 0.15, fullFrom: 0.35, epochs: 1, batchSize: 12, learningRate: 1e-9, learningRateDrops: [],
	augmentation: {cropScale: [0.85, 1] as [number, number], flip: 0.5, brightness: 0.2, contrast: 0.2, saturation: 0.1},
};

test.serial('a training starts from the weights, with a new last layer for other people', async t => {
	const others = untrainedClassifier('others', {numClasses: 5});
	const {outputs: {model: tuned}, leakedTensors} = await perform(fineTuning, {train: images, initial: others}, training);
	t.is(tuned.numClasses, 3);
	// At so small a rate, one step of Adam moves no weight by more than that.
	const moved = (name: string, from: Classifier) => Math.max(...tuned.weights[name]!.data.map((value, index) => Math.abs(value - from.weights[name]!.data[index]!)));
	t.true(moved('block1/kernel', others) < 1e-7);
	t.deepEqual(tuned.weights['head/kernel']!.shape, [96, 3]);
	t.is(leakedTensors, 0);
});

test.serial('the last layer is kept when it has as many classes', t => {
	const initial = untrainedClassifier('initial');
	t.deepEqual(adoptWeights(initial, untrainedClassifier('fresh')), initial);
	const fresh = untrainedClassifier('fresh', {numClasses: 4});
	const {weights} = adoptWeights(initial, fresh);
	t.is(weights['head/kernel'], fresh.weights['head/kernel']);
	t.is(weights['block2/kernel'], initial.weights['block2/kernel']);
});

/** Weights of the heads of an Inception-v3, alone. */
const headsOf = (numClasses: number, auxiliaryClasses: number, value: number): Classifier => {
	const layer = (name: string, outputs: number, inputs: number) => ({
		[`${name}.weight`]: {shape: [outputs, inputs], data: new Float32Array(outputs * inputs).fill(value)},
		[`${name}.bias`]: {shape: [outputs], data: new Float32Array(outputs).fill(value)},
	});
	return {architecture: 'inception_v3', numClasses, imageShape: [299, 299, 3], weights: {...layer('AuxLogits.fc', auxiliaryClasses, 768), ...layer('fc', numClasses, 2048)}};
};

test('the auxiliary head of an Inception keeps its outputs while its last layer is replaced, unless it has too few', t => {
	const fresh = headsOf(530, 530, 0);
	const adoptedShapes = (initial: Classifier) => Object.fromEntries(Object.entries(adoptWeights(initial, fresh).weights).map(([name, {shape, data}]) => [name, [...shape, data[0]]]));
	t.deepEqual(adoptedShapes(headsOf(1000, 1000, 1)), {'AuxLogits.fc.weight': [1000, 768, 1], 'AuxLogits.fc.bias': [1000, 1], 'fc.weight': [530, 2048, 0], 'fc.bias': [530, 0]});
	t.deepEqual(adoptedShapes(headsOf(530, 1000, 1)), {'AuxLogits.fc.weight': [1000, 768, 1], 'AuxLogits.fc.bias': [1000, 1], 'fc.weight': [530, 2048, 1], 'fc.bias': [530, 1]});
	t.deepEqual(adoptedShapes(headsOf(100, 100, 1)), {'AuxLogits.fc.weight': [530, 768, 0], 'AuxLogits.fc.bias': [530, 0], 'fc.weight': [530, 2048, 0], 'fc.bias': [530, 0]});
});

test.serial('a feature space needs no last layer: that of the file is left out, and listed', async t => {
	using files = makeFolder();
	const faces = untrainedClassifier('faces', {architecture: 'embedding-small', numClasses: 5});
	const {outputs: {model: imported, record}, lines} = await perform(importedFeatures, {weights: inputFile(files, faces), images}, {architecture: 'embedding-small'});
	const {'head/kernel': _kernel, 'head/bias': _bias, ...weights} = faces.weights;
	t.deepEqual(imported, {architecture: 'embedding-small', numClasses: 0, imageShape: [8, 8, 3], weights});
	t.deepEqual(record.source.dropped, ['head/bias', 'head/kernel']);
	t.true(lines[0]!.startsWith('embedding-small, no last layer, '));
	t.true(lines.includes('left out: head/bias, head/kernel'));
	t.deepEqual((await perform(importedFeatures, {weights: inputFile(files, {...faces, weights}), images}, {architecture: 'embedding-small'})).outputs.model, imported);
});

test.serial('a feature space of another network is refused', async t => {
	using files = makeFolder();
	const weights = inputFile(files, untrainedClassifier('others'));
	await t.throwsAsync(perform(importedFeatures, {weights, images}, {architecture: 'embedding-small'}), {name: 'UserError', message: /^"model\.safetensors" does not hold the weights of "embedding-small": \d+ missing, \d+ unexpected/});
	await t.throwsAsync(perform(importedFeatures, {weights, images}, {architecture: 'embedding-small', inputTransform: 'on'}), {name: 'UserError', message: '"embedding-small" has no input transform'});
});
