import test from 'ava';
import type {UserError} from '../../engine/error.ts';
import type {ExpectedWeight} from '../../models/expected-weights.ts';
import {guessArchitecture, matchWeights} from '../../weights/match.ts';
import type {StoredTensor} from '../../weights/python-values.ts';

const tensor = (...shape: number[]): StoredTensor =>
	({type: 'tensor', storage: {type: 'storage', key: '0', elementType: 'float32', length: 1e6}, offset: 0, shape, strides: shape.map(() => 1)});
const dictOf = (shapes: Readonly<Record<string, readonly number[]>>, others: readonly string[] = []) =>
	({tensors: new Map(Object.entries(shapes).map(([name, shape]) => [name, tensor(...shape)])), others});
const expected: readonly ExpectedWeight[] = [{name: 'conv.weight', shape: [4, 3, 3, 3]}, {name: 'bn.weight', shape: [4]}, {name: 'fc.weight', shape: [5, 4]}];
const whole = {'fc.weight': [5, 4], 'conv.weight': [4, 3, 3, 3], 'bn.weight': [4]};
const options = {file: '/w/x.pt', architecture: 'net'};
const withPrefix = (prefix: string) => Object.fromEntries(Object.entries(whole).map(([name, shape]) => [`${prefix}${name}`, shape]));

for (const prefix of ['', 'module.', 'model.', '_orig_mod.', 'module.model.', '_orig_mod.module.model.']) {
	test(`weights are found behind the prefix "${prefix}", in the order of the model`, t => {
		const {tensors, strippedPrefix, dropped} = matchWeights(dictOf({...withPrefix(prefix), [`${prefix}bn.num_batches_tracked`]: []}), expected, options);
		t.deepEqual([...tensors.keys()], ['conv.weight', 'bn.weight', 'fc.weight']);
		t.is(strippedPrefix, prefix);
		t.deepEqual(dropped, ['bn.num_batches_tracked']);
	});
}

test('what a model can do without is left out, and named before the counters', t => {
	const file = dictOf({'bn.num_batches_tracked': [], ...whole, 'logits.weight': [8631, 4], 'logits.bias': [8631]});
	t.deepEqual(matchWeights(file, expected, {...options, unused: new Set(['logits.weight', 'logits.bias'])}).dropped, ['logits.weight', 'logits.bias', 'bn.num_batches_tracked']);
	t.throws(() => matchWeights(file, expected, options), {message: /0 missing, 2 unexpected/});
});

test('a prefix that the model has itself stays', t => {
	const own = expected.map(({name, shape}) => ({name: `model.${name}`, shape}));
	t.is(matchWeights(dictOf(withPrefix('module.model.')), own, options).strippedPrefix, 'module.');
});

test('the names of torchvision\'s published DenseNets are brought up to date', t => {
	const weights = [{name: 'features.denseblock1.denselayer1.norm1.weight', shape: [2]}];
	t.notThrows(() => matchWeights(dictOf({'features.denseblock1.denselayer1.norm.1.weight': [2]}), weights, options));
});

test('all that is missing, unexpected or of another shape is listed', t => {
	const error = t.throws<UserError>(() => matchWeights(dictOf({'conv.weight': [4, 1, 3, 3], 'fc.weight': [5, 4], 'head.weight': [1]}, ['_extra_state']), expected, options));
	t.is(error.code, 'weights-mismatch');
	t.is(error.message, '"x.pt" does not hold the weights of "net": 1 missing, 2 unexpected, 1 of another shape');
	t.deepEqual(error.facts, {
		file: '/w/x.pt',
		weights: '3 in the file, 3 expected',
		missing: 'bn.weight',
		unexpected: 'head.weight, _extra_state',
		'other shape': 'conv.weight [4, 1, 3, 3] in place of [4, 3, 3, 3]',
	});
});

test('twenty of each are listed, and how many more there are', t => {
	const many = Array.from({length: 23}, (_, index) => ({name: `w${index}`, shape: [1]}));
	const error = t.throws<UserError>(() => matchWeights(dictOf(whole), many, options));
	t.is(error.facts.missing, `${many.slice(0, 20).map(({name}) => name).join(', ')} and 3 more`);
});

test('the architecture that a file looks like is named', t => {
	const others = () => [['net', expected], ['other', [{name: 'a', shape: [1]}, {name: 'b', shape: [2]}]]] as const;
	const error = t.throws<UserError>(() => matchWeights(dictOf({'module.a': [1], 'module.b': [3]}), expected, {...options, others}));
	t.is(error.hint, 'It looks like "other": 2 of its 2 weights are there by name.');
	t.is(error.facts.unexpected, 'a, b');
});

test('of architectures with the same names, the one whose shapes fit is named', t => {
	const candidates = [['wide', [{name: 'a', shape: [8]}, {name: 'b', shape: [8]}]], ['narrow', [{name: 'a', shape: [4]}, {name: 'b', shape: [4]}]]] as const;
	t.is(guessArchitecture(dictOf({a: [4], b: [4]}).tensors, candidates)?.architecture, 'narrow');
	t.is(guessArchitecture(dictOf({c: [4]}).tensors, candidates), undefined);
});
