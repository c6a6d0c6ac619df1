import {readFileSync} from 'node:fs';
import test from 'ava';
import {describeError} from '../../engine/error.ts';
import {checkToy, type toyParams} from '../../toy/params.ts';

const {toy} = JSON.parse(readFileSync(new URL('../../params.json', import.meta.url), 'utf8')) as {toy: typeof toyParams.static};

test('the default params fit together', t => {
	t.notThrows(() => {
		checkToy(toy);
	});
});

test('fewer points than classes are refused', t => {
	const error = t.throws(() => {
		checkToy({...toy, data: {...toy.data, samples: 2}});
	});
	t.is(describeError(error), [
		'"toy.data.samples" is 2, too few for the 3 classes of "toy.data.centres"',
		'Set "toy.data.samples" to at least 3.',
	].join('\n'));
});

test('a target class that does not exist is refused', t => {
	const error = t.throws(() => {
		checkToy({...toy, inversion: {...toy.inversion, targetClass: 3}});
	});
	t.is(describeError(error), [
		'"toy.inversion.targetClass" is 3, but "toy.data.centres" has the classes 0 to 2',
		'Set "toy.inversion.targetClass" to at most 2.',
	].join('\n'));
});
