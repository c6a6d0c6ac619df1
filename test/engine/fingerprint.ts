import test from 'ava';
import type {Digest, Fingerprint} from '../../engine/digest.ts';
import {differences, fingerprintOf, type Ingredients} from '../../engine/fingerprint.ts';

const digest = (digit: string) => digit.repeat(32) as Digest;

const ingredients: Ingredients = {
	format: 1,
	stage: 'optimization',
	code: digest('0'),
	params: {steps: 50, beta: [0.1, 0.1]},
	inputs: {target: digest('1'), each: {a: digest('2'), b: digest('3')}},
	seed: null,
	backend: 'wasm 4.22.0',
	packages: {'@tensorflow/tfjs-core': '4.22.0'},
};

/*
Made with python-xxhash (digest as in test/engine/digest.ts):
	text = json.dumps(ingredients, sort_keys=True, separators=(',', ':'))
	digest(('fingerprint:1\n' + text).encode())
*/
const golden = '7add6e71a4528e7216ca40a3e0229b14' as Fingerprint;

test('the fingerprint of fixed ingredients is pinned', t => {
	t.is(fingerprintOf(ingredients), golden);
});

test('the order of keys does not matter', t => {
	const reversed = (record: object) => Object.fromEntries(Object.entries(record).toReversed());
	const other = reversed({...ingredients, params: reversed(ingredients.params), inputs: reversed(ingredients.inputs)}) as unknown as Ingredients;
	t.is(fingerprintOf(other), golden);
});

const changes: ReadonlyArray<readonly [string, Partial<Ingredients>, object]> = [
	['stage', {stage: 'selection'}, {what: 'stage', before: 'optimization', now: 'selection'}],
	['code', {code: digest('9')}, {what: 'code', before: digest('0'), now: digest('9')}],
	['a param', {params: {steps: 70, beta: [0.1, 0.1]}}, {what: 'params.steps', before: 50, now: 70}],
	['an item of a list', {params: {steps: 50, beta: [0.1, 0.2]}}, {what: 'params.beta', before: [0.1, 0.1], now: [0.1, 0.2]}],
	['a new param', {params: {steps: 50, beta: [0.1, 0.1], decay: 0}}, {what: 'params.decay', before: undefined, now: 0}],
	['a missing param', {params: {beta: [0.1, 0.1]}}, {what: 'params.steps', before: 50, now: undefined}],
	['an input', {inputs: {...ingredients.inputs, target: digest('4')}}, {what: 'input target', before: digest('1'), now: digest('4')}],
	['the input of one variant', {inputs: {target: digest('1'), each: {a: digest('2'), b: digest('5')}}}, {what: 'input each.b', before: digest('3'), now: digest('5')}],
	['a new variant', {inputs: {target: digest('1'), each: {a: digest('2'), b: digest('3'), c: digest('6')}}}, {what: 'input each.c', before: undefined, now: digest('6')}],
	['the seed', {seed: 'x'}, {what: 'seed', before: null, now: 'x'}],
	['the backend', {backend: 'cpu 4.22.0'}, {what: 'backend', before: 'wasm 4.22.0', now: 'cpu 4.22.0'}],
	['the version of a package', {packages: {'@tensorflow/tfjs-core': '4.23.0'}}, {what: 'package @tensorflow/tfjs-core', before: '4.22.0', now: '4.23.0'}],
];

for (const [name, change, difference] of changes) {
	test(`${name} changes the fingerprint and is named`, t => {
		const changed = {...ingredients, ...change};
		t.not(fingerprintOf(changed), golden);
		t.deepEqual(differences(ingredients, changed), [difference as never]);
	});
}

test('the innermost key that differs is named', t => {
	const before = {...ingredients, params: {crops: {scale: {minimum: 0.5, maximum: 1}, flip: 0.5}}};
	const now = {...ingredients, params: {crops: {scale: {minimum: 0.6, maximum: 1}, flip: 0.5}}};
	t.deepEqual(differences(before, now), [{what: 'params.crops.scale.minimum', before: 0.5, now: 0.6}]);
});

test('equal ingredients have no differences', t => {
	t.deepEqual(differences(ingredients, structuredClone(ingredients)), []);
});

test('an absent param and an explicit null are told apart by the fingerprint', t => {
	t.not(fingerprintOf({...ingredients, params: {a: null}}), fingerprintOf({...ingredients, params: {}}));
});
