import {Buffer} from 'node:buffer';
import {createHash} from 'node:crypto';
import test from 'ava';
import {classifier} from '../../artifacts/classifier.ts';
import {encodeSafetensors} from '../../artifacts/safetensors.ts';
import type {UserError} from '../../engine/error.ts';
import {expectedWeights} from '../../models/expected-weights.ts';
import {initialClassifier} from '../../models/initial-classifier.ts';
import {randomStream} from '../../tensors/random.ts';
import {adoptWeights} from '../../training/fine-tune.ts';
import {importClassifier, importInitial} from '../../weights/import.ts';
import {encodeImported} from '../../weights/neutral-file.ts';
import {fixture} from '../helpers/tensors.ts';
import {untrainedClassifier} from '../helpers/untrained.ts';
import {bytesOf, makeFolder, weightsFiles} from '../helpers/weights-files.ts';

const trained = untrainedClassifier('trained', {architecture: 'embedding-small', numClasses: 7});
const own = Buffer.concat([...classifier.encode(trained)]);

test('an artifact of a run comes back as it was, and says where it comes from', async t => {
	using files = makeFolder();
	const {classifier: imported, source} = await importClassifier({file: files.write('own.safetensors', own)});
	t.deepEqual(Buffer.concat([...classifier.encode(imported)]), own);
	t.deepEqual(source, {
		file: 'own.safetensors',
		sizeBytes: own.length,
		sha256: createHash('sha256').update(own).digest('hex'),
		container: 'safetensors',
		strippedPrefix: '',
		dropped: [],
		elementTypes: ['float32'],
	});
});

test('a converted file imports to the same bytes, and remembers the first file', async t => {
	using files = makeFolder();
	const first = await importClassifier({file: files.write('own.safetensors', own)});
	const converted = Buffer.concat([...encodeImported(first)]);
	const second = await importClassifier({file: files.write('converted.safetensors', converted)});
	t.deepEqual(second.classifier, first.classifier);
	t.deepEqual(second.source.convertedFrom, first.source);

	const third = await importClassifier({file: files.write('again.safetensors', Buffer.concat([...encodeImported(second)]))});
	t.deepEqual(third.source.convertedFrom, first.source);
});

test('a bottleneck comes along', async t => {
	using files = makeFolder();
	const imageShape = [8, 8, 3] as const;
	const mid = initialClassifier('surrogate-small', {numClasses: 3, imageShape, bottleneck: {noiseAtEvaluation: false}}, randomStream('mid'));
	const file = files.write('mid.safetensors', Buffer.concat([...classifier.encode(mid)]));
	t.deepEqual((await importClassifier({file})).classifier, mid);
});

test('the number of classes is what the file has, and another one is refused', async t => {
	using files = makeFolder();
	const {architecture, imageShape, weights} = trained;
	const file = files.write('bare.safetensors', Buffer.concat([...encodeSafetensors({arrays: weights, metadata: {}})]));
	t.is((await importClassifier({file, architecture, imageShape})).classifier.numClasses, 7);

	const error = await t.throwsAsync<UserError>(importClassifier({file, architecture, imageShape, numClasses: 3}));
	t.is(error.message, '"bare.safetensors" does not hold the weights of "embedding-small": 0 missing, 0 unexpected, 2 of another shape');
	t.is(error.facts['other shape'], 'head/kernel [64, 7] in place of [64, 3], head/bias [7] in place of [3]');
	t.is(error.hint, 'The architecture is right; the number of classes, the size or the channels of the images may differ.');
});

test('what a file of another program does not say has to be said', async t => {
	using files = makeFolder();
	const file = files.write('x.pt', bytesOf(weightsFiles.good[0]!.zip));
	t.like(await t.throwsAsync(importClassifier({file})), {code: 'weights-architecture-unknown', message: '"x.pt" does not say which architecture it is of'});
	t.like(await t.throwsAsync(importClassifier({file, architecture: 'resnet19'})), {code: 'unknown-architecture'});
	t.like(await t.throwsAsync(importClassifier({file, architecture: 'resnet18'})), {code: 'weights-size-unknown', hint: 'Give their height and width in pixels, as in --size 224.'});
	t.like(await t.throwsAsync(importClassifier({file, architecture: 'resnet19', imageShape: [64, 64, 3]})), {code: 'unknown-architecture'});
	t.like(await t.throwsAsync(importClassifier({file, architecture: 'resnet18', imageShape: [64, 64, 3], transformInput: true})), {code: 'weights-without-input-transform'});
});

test('facts of another form than ours are left out', async t => {
	using files = makeFolder();
	const {architecture, imageShape, weights} = trained;
	const metadata = {architecture: 7, imageShape: [8, -8, 3], source: {sha256: '<script>'}, transformInput: 'yes', bottleneck: []};
	const file = files.write('odd.safetensors', Buffer.concat([...encodeSafetensors({arrays: weights, metadata})]));
	const {classifier: imported, source} = await importClassifier({file, architecture, imageShape});
	t.deepEqual(imported, trained);
	t.is(source.convertedFrom, undefined);
});

test('a number that is none is refused, naming the weight', async t => {
	using files = makeFolder();
	const bytes = Buffer.from(own);
	// The file ends with an array of float32.
	bytes.writeFloatLE(Infinity, bytes.length - 4);
	const error = await t.throwsAsync<UserError>(importClassifier({file: files.write('x.safetensors', bytes)}));
	t.is(error.code, 'weights-not-finite');
	t.regex(error.message, /^Weight "[\w/]+" holds Infinity at place \d+ of \d+$/);
});

test('an Inception without its auxiliary head is imported without it', async t => {
	using files = makeFolder();
	const numbers = (auxiliaryClasses: number | undefined) => Object.fromEntries(expectedWeights('inception_v3', {numClasses: 3, imageShape: [75, 75, 3], auxiliaryClasses})
		.map(({name, shape}) => [name, {shape, data: new Float32Array(shape.reduce((product, length) => product * length, 1))}]));
	for (const auxiliaryClasses of [undefined, 10]) {
		const arrays = numbers(auxiliaryClasses);
		const file = files.write('inception.safetensors', Buffer.concat([...encodeSafetensors({arrays, metadata: {}})]));
		const {classifier: {weights, numClasses, transformInput}} = await importClassifier({file, architecture: 'inception_v3', imageShape: [128, 128, 3], transformInput: true});
		t.deepEqual({names: Object.keys(weights).length, numClasses, transformInput}, {names: Object.keys(arrays).length, numClasses: 3, transformInput: true});
	}
});

type Shapes = Readonly<Record<string, readonly number[]>>;
const backbones = fixture<Record<'vgg16_bn' | 'ir50', Shapes>>('backbones.json');

/** A file with the names and shapes of a published one; the layers that are left out have one number each. */
function backboneFile(shapes: Shapes): Buffer {
	const arrays = Object.fromEntries(Object.entries(shapes).map(([name, published], index) => {
		const shape = name.startsWith('classifier.') ? [1] : published;
		return [name, {shape, data: new Float32Array(shape.reduce((product, length) => product * length, 1)).fill(index + 1)}];
	}));
	return Buffer.concat([...encodeSafetensors({arrays, metadata: {}})]);
}

test('a training of VGG-16 starts from torchvision\'s, whose linear layers are left out', async t => {
	using files = makeFolder();
	const imageShape = [64, 64, 3] as const;
	const shapes = backbones.vgg16_bn;
	const {classifier: imported, source} = await importInitial({file: files.write('published.safetensors', backboneFile(shapes)), architecture: 'vgg16_bn', imageShape});
	t.deepEqual(source.dropped.filter(name => !name.endsWith('num_batches_tracked')).toSorted(), Object.keys(shapes).filter(name => name.startsWith('classifier.')).toSorted());
	t.is(imported.numClasses, 0);

	const untrained = initialClassifier('vgg16_bn', {numClasses: 7, imageShape}, randomStream('fresh'));
	const started = adoptWeights(imported, untrained);
	t.is(started.weights['feature.40.weight']!.data[0], 1 + Object.keys(shapes).indexOf('features.40.weight'));
	t.deepEqual(
		Object.keys(started.weights).filter(name => started.weights[name] === untrained.weights[name]).toSorted(),
		['bn.bias', 'bn.running_mean', 'bn.running_var', 'bn.weight', 'fc_layer.bias', 'fc_layer.weight'],
	);

	// One of the same network, in place of what it is built upon, is taken as a whole.
	const whole = files.write('whole.safetensors', Buffer.concat([...classifier.encode(untrained)]));
	t.deepEqual(Object.keys((await importInitial({file: whole, architecture: 'vgg16_bn', imageShape})).classifier.weights).toSorted(), Object.keys(untrained.weights).toSorted());
});

test('a training of IR-50 starts from one without classes', async t => {
	using files = makeFolder();
	const shapes = backbones.ir50;
	const {classifier: {weights}} = await importInitial({file: files.write('published.safetensors', backboneFile(shapes)), architecture: 'ir50', imageShape: [112, 112, 3]});
	t.deepEqual(Object.fromEntries(Object.entries(weights).map(([name, {shape}]) => [name.replace('feature.', ''), shape])), Object.fromEntries(Object.entries(shapes).filter(([name]) => !name.endsWith('num_batches_tracked'))));
	t.is(weights['feature.output_layer.3.weight']!.data[0], 1 + Object.keys(shapes).indexOf('output_layer.3.weight'));
});

test('weights to start from that do not fit are refused by the names of their file', async t => {
	using files = makeFolder();
	const request = {architecture: 'vgg16_bn', imageShape: [64, 64, 3]} as const;
	const {'features.40.weight': shape, ...others} = backbones.vgg16_bn;
	const error = await t.throwsAsync<UserError>(importInitial({...request, file: files.write('short.safetensors', backboneFile({...others, 'more.weight': [1]}))}));
	t.is(error.message, '"short.safetensors" does not hold the weights of "vgg16_bn": 1 missing, 1 unexpected, 0 of another shape');
	t.like(error.facts, {missing: 'features.40.weight', unexpected: 'more.weight'});
	const reshaped = await t.throwsAsync<UserError>(importInitial({...request, file: files.write('other.safetensors', backboneFile({...others, 'features.40.weight': [...shape!.slice(1), 2]}))}));
	t.regex(reshaped.message, /0 missing, 0 unexpected, 1 of another shape$/);
});
