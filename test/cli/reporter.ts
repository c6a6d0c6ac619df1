import test from 'ava';
import {etaMs} from '../../cli/reporter.ts';

const started = {startedMs: 1000, expectedMs: 600};
const stepOf = (done: number, resumedFrom = 0) => ({done, total: 100, resumedFrom});

test('before the first step the time left is what earlier runs took', t => {
	t.is(etaMs({...started, step: undefined}, 1100), 500);
	t.is(etaMs({...started, step: stepOf(0)}, 2000), 0);
	t.is(etaMs({...started, expectedMs: undefined, step: undefined}, 1100), undefined);
});

test('the time left follows from the mean speed', t => {
	t.is(etaMs({...started, step: stepOf(20)}, 1200), 800);
});

test('steps that were done before a resumption do not count for the speed', t => {
	t.is(etaMs({...started, step: stepOf(90, 80)}, 1200), 200);
	t.is(etaMs({...started, step: stepOf(80, 80)}, 1200), 400);
});
