import test from 'ava';
import {make} from '../../../bench/peers/make.ts';
import {moon} from '../../../bench/peers/moon.ts';
import {ours} from '../../../bench/peers/ours.ts';
import {redun} from '../../../bench/peers/redun.ts';
import {sizeTable} from '../../../bench/peers/table.ts';

test('a size is a table with the fastest first and the slow ones named', t => {
	const text = sizeTable({
		nodes: 1000,
		bareNodeMs: [60, 62, 70],
		peers: {
			ours: {nothing: {ms: [140, 150, 145]}, leaf: {ms: [200]}, cold: {ms: [2000, 2100]}},
			make: {nothing: {ms: [5.04]}, leaf: {ms: [19]}, cold: {ms: [2567]}},
			moon: {nothing: {ms: [], problem: '> 120 s'}, leaf: {ms: []}, cold: {ms: [42_432]}},
			redun: {nothing: {ms: []}, leaf: {ms: []}, cold: {ms: [], problem: '> 600 s'}},
		},
	}, [ours, make, moon, redun]);
	t.is(text, `### 1,000 nodes

| ms, medians | what decides | nothing to do | one leaf changed | cold | cold per node |
|---|---|---:|---:|---:|---:|
| \`node -e 0\` | – | 62 | – | – | – |
| make | time stamps | 5.0 | 19 | 2,567 | 2.6 |
| **ours** | contents | 145 | 200 | 2,050 | 2.0 |
| moon | contents of sources | > 120 s | – | 42,432 | 42.4 |
| redun | sizes and time stamps | – | – | > 600 s | – |
`);
});
