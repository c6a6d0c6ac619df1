import test from 'ava';
import {absoluteAdvantage, advantageOf, relativeAdvantage} from '../../metrics/advantage.ts';

test('more of a metric where higher is stronger is an advantage', t => {
	t.is(relativeAdvantage(0.75, 0.5, 'higher'), 0.5);
});

test('less of a metric where lower is stronger is an advantage', t => {
	t.is(relativeAdvantage(3, 4, 'lower'), 0.25);
});

test('the absolute advantage is a difference', t => {
	t.is(absoluteAdvantage(0.25, 0.5, 'higher'), -0.25);
	t.is(absoluteAdvantage(6, 4, 'lower'), -2);
});

test('there is no relative advantage over 0', t => {
	t.is(relativeAdvantage(0.3, 0, 'higher'), undefined);
});

test('either kind of advantage can be asked for', t => {
	t.is(advantageOf('relative', {value: 3, baseline: 4}, 'lower'), 0.25);
	t.is(advantageOf('absolute', {value: 3, baseline: 4}, 'lower'), 1);
	t.is(advantageOf('relative', {value: 3, baseline: 0}, 'lower'), undefined);
});
