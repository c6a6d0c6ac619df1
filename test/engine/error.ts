import test from 'ava';
import {describeError, isUserError, UserError} from '../../engine/error.ts';

const details = {facts: {expected: 3, got: 'two'}, hint: 'Add one.'};
const text = 'Too few things\n  expected  3\n  got       two\nAdd one.';

/** As it comes out of code that was compiled with another copy of the class. */
const copy = Object.assign(new Error('Too few things'), {name: 'UserError', code: 'too-few', ...details});

test('an error of the user is its sentence, facts and hint, without a stack', t => {
	t.is(describeError(new UserError('too-few', 'Too few things', details)), text);
});

test('an error of a copy of the class is described alike', t => {
	t.true(isUserError(copy));
	t.false(copy instanceof UserError);
	t.is(describeError(copy), text);
});

test('any other error keeps its stack', t => {
	const error = new RangeError('broken');
	t.false(isUserError(error));
	t.is(describeError(error), error.stack!);
	t.is(describeError('text'), 'text');
});
