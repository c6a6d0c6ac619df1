import test from 'ava';
import {markdownTable, median} from '../../bench/statistics.ts';

test('the median is the middle number, or the mean of the middle two', t => {
	t.is(median([5]), 5);
	t.is(median([30, 1, 2]), 2);
	t.is(median([30, 1, 2, 4]), 3);
});

test('columns of numbers are aligned to the right', t => {
	t.is(markdownTable(['name', 'kind', 'ms'], [['make', 'time', '5'], ['ninja', 'time', '9']], 2), [
		'| name | kind | ms |',
		'|---|---|---:|',
		'| make | time | 5 |',
		'| ninja | time | 9 |',
	].join('\n'));
});
