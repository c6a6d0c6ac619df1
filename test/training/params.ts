import test from 'ava';
import {UserError} from '../../engine/error.ts';
import {checkClasses} from '../../training/check-classes.ts';
import {checkTraining} from '../../training/params.ts';

const refused = test.macro((t, params: Omit<Parameters<typeof checkTraining>[1], 'learningRate'>, message: string) => {
	t.throws(() => {
		checkTraining('surrogate', {learningRate: 0.1, ...params});
	}, {instanceOf: UserError, message});
});

test('momentum without SGD is refused', refused, {momentum: 0.9}, '"surrogate.momentum" is for SGD, but "surrogate.optimizer" is "adam"');
test('a minimum without the cosine is refused', refused, {learningRateMinimum: 0.001, learningRateSchedule: 'constant'}, '"surrogate.learningRateMinimum" is for the cosine schedule, but "surrogate.learningRateSchedule" is "constant"');
test('annealing upwards is refused', refused, {learningRateMinimum: 0.2, learningRateSchedule: 'cosine'}, '"surrogate.learningRateMinimum" is 0.2, above "surrogate.learningRate", 0.1');

test('the recipe of the authors\' surrogate is accepted', t => {
	t.notThrows(() => {
		checkTraining('surrogate', {optimizer: 'sgd', momentum: 0.9, learningRate: 0.1, learningRateSchedule: 'cosine', learningRateMinimum: 0.0001});
	});
});

test('a class without images is named', t => {
	const error = t.throws(() => {
		checkClasses({labels: new Int32Array([0, 2, 2]), identities: ['Ann', 'Ben', 'Cleo', 'Dan']});
	}, {instanceOf: UserError, message: '2 of 4 classes have no image to train on'});
	t.deepEqual(error.facts, {classes: '1 ("Ben"), 3 ("Dan")', images: 3});
});

test('of many classes without images ten are named', t => {
	const error = t.throws(() => {
		checkClasses({labels: new Int32Array(1), identities: Array.from({length: 13}, (_, index) => `p${index}`)});
	}, {instanceOf: UserError});
	t.true(String(error.facts.classes).endsWith('10 ("p10"), and 2 more'));
});

test('a single class is a class', t => {
	t.notThrows(() => {
		checkClasses({labels: new Int32Array(2), identities: ['Ann']});
	});
});
