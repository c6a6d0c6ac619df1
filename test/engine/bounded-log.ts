import test from 'ava';
import {BoundedLog} from '../../engine/bounded-log.ts';

function logOf(lines: number): string[] {
	const log = new BoundedLog();
	for (let line = 0; line < lines; line++) {
		log.add(`line ${line}`);
	}

	return log.toString().split('\n');
}

test('a log of ordinary length is kept whole', t => {
	t.deepEqual(logOf(3), ['line 0', 'line 1', 'line 2']);
	t.is(logOf(15_000).length, 15_000);
});

test('of a long log the beginning and the end are kept, and the gap is counted', t => {
	const lines = logOf(100_000);
	t.is(lines[0], 'line 0');
	t.is(lines.at(-1), 'line 99999');
	const omitted = Number(/^… (\d+) lines left out …$/.exec(lines[5000]!)?.[1]);
	t.is(omitted + lines.length - 1, 100_000);
	t.true(lines.length <= 15_001);
});

test('a very long line is cut visibly', t => {
	const log = new BoundedLog();
	log.add('x'.repeat(5000));
	t.is(log.toString(), `${'x'.repeat(2000)}…`);
});
