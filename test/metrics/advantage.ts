import test from 'ava';
import {absoluteAdvantage, relativeAdvantage} from '../../metrics/advantage.ts';

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
