import test from 'ava';
import {UserError} from '../../engine/error.ts';
import {checkFinite} from '../../engine/finite.ts';

/** What is said about a value: how many numbers, and which is the first. */
const isReported = test.macro({
	exec(t, value: unknown, count: string, first: string) {
		const error = t.throws(() => {
			checkFinite('training', 'model', value);
		}, {instanceOf: UserError, code: 'output-not-finite'});
		t.is(error.message, `Output "model" of stage "training" holds ${count} not finite`);
		t.deepEqual(error.facts, {first});
	},
	title: (title = '') => `${title} is found`,
});

test('NaN itself', isReported, Number.NaN, 'a number that is', 'model is NaN');
test('NaN in a list', isReported, [[1, 2], [3, Number.NaN]], 'a number that is', 'model[1][1] is NaN');
test('an infinity among many', isReported, {loss: [1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN]}, '3 numbers that are', 'model.loss[1] is Infinity');
test('NaN under a name that is no word', isReported, {'conv/1': {data: Float64Array.of(0, Number.NaN)}}, 'a number that is', 'model["conv/1"].data[1] is NaN');
test('NaN in an array of floats', isReported, {data: Float32Array.of(1, 2, Number.NaN)}, 'a number that is', 'model.data[2] is NaN');
test('NaN in a map', isReported, new Map([['loss', Number.NaN]]), 'a number that is', 'model.loss is NaN');
test('NaN in a set', isReported, new Set([1, Number.NaN]), 'a number that is', 'model[1] is NaN');
test('NaN in an object of a class', isReported, new (class {
	readonly loss = Number.NaN;
})(), 'a number that is', 'model.loss is NaN');

test('finite numbers, texts, bytes and whole numbers pass', t => {
	t.notThrows(() => {
		checkFinite('training', 'model', {all: [0, -0, Number.MAX_VALUE, 'NaN', null, undefined, true, 1n], bytes: Uint8Array.of(255), counts: Int32Array.of(-1), view: new DataView(new ArrayBuffer(8))});
	});
});

test('a value that holds itself is looked through once', t => {
	const circle: Record<string, unknown> = {numbers: [1, 2]};
	circle.self = {circle};
	t.notThrows(() => {
		checkFinite('training', 'model', circle);
	});
	circle.loss = Number.NaN;
	const error = t.throws(() => {
		checkFinite('training', 'model', circle);
	}, {instanceOf: UserError});
	t.deepEqual(error.facts, {first: 'model.loss is NaN'});
});
