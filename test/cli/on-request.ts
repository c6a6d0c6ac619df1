import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {pipeline} from '../helpers/cli.ts';
import {makeRig} from '../helpers/rig.ts';

/** A rig with sums that are only delivered on request, under a name of their own. */
async function rigOnRequest() {
	const rig = await makeRig();
	rig.edit('pipeline.ts', 'return {goals: {report}', 'const {report: far} = add(total, {products}, {offset: 1000, names: [\'single\']}, {name: \'far-total\'});\n\t\treturn {onRequest: {far: {goals: {far}, reports: {\'far/sums.json\': far}}}, goals: {report}');
	return rig;
}

test('what is delivered on request runs when it is named, and only then', async t => {
	using rig = await rigOnRequest();
	const usual = await pipeline(rig, ['run']);
	t.is(usual.stdout, '\ndouble 60\nsingle 30\n\nreport  reports/totals.json');
	t.regex(usual.stderr, /^4 ran in /m);
	t.false(existsSync(path.join(rig.folder, 'reports/far')));

	const asked = await pipeline(rig, ['run', 'far']);
	t.is(asked.stdout, '\nsingle 1030\n\nreport  reports/far/sums.json');
	t.regex(asked.stderr, /^1 ran, 3 reused in /m);
	t.deepEqual(JSON.parse(readFileSync(path.join(rig.folder, 'reports/far/sums.json'), 'utf8')), {single: 1030});

	const again = await pipeline(rig, ['run', 'far']);
	t.is(again.stdout, asked.stdout);
	t.regex(again.stderr, /^4 reused in /m);
	const {stdout} = await pipeline(rig, ['show', 'far']);
	t.regex(stdout, /made as far-total\.report/);
});

test('params may ask for what is on request, and a name that is none is told', async t => {
	using rig = await rigOnRequest();
	mkdirSync(path.join(rig.folder, 'presets'));
	writeFileSync(path.join(rig.folder, 'presets/study.json'), JSON.stringify({extends: '../params.json', goals: ['far']}));
	const {stdout} = await pipeline(rig, ['run', 'study']);
	t.is(stdout, '\ndouble 60\nsingle 30\n\n\nsingle 1030\n\nreport  reports/study/totals.json\nreport  reports/study/far/sums.json');
	t.is((await pipeline(rig, ['sweep', 'factor', '--values', '1,2', '--params', 'presets/study.json'])).exitCode, 0, 'a sweep has goals of its own');

	const wrong = await pipeline(rig, ['run', '--set', 'goals=["near"]']);
	t.is(wrong.exitCode, 2);
	t.regex(wrong.stderr, /^error There is no goal, stage or node "near"/);
	t.is((await pipeline(rig, ['run', '--set', 'variants.single={"goals":["far"]}'])).exitCode, 2, 'no variant has goals of its own');
});

test('a name that is none is told with those on request', async t => {
	using rig = await rigOnRequest();
	const {exitCode, stderr} = await pipeline(rig, ['run', 'fat']);
	t.is(exitCode, 2);
	t.is(stderr, 'error There is no goal, stage or node "fat"\nDid you mean "far"? All of them: report, far, numbers, scaled, total, far-total; NAME@VARIANT for one variant');
});

test('the name of a preset stands for its params file', async t => {
	using rig = await makeRig();
	mkdirSync(path.join(rig.folder, 'presets'));
	writeFileSync(path.join(rig.folder, 'presets/large.json'), JSON.stringify({extends: '../params.json', scaled: {factor: 100}}));
	const {stdout, exitCode} = await pipeline(rig, ['run', 'large']);
	t.is(exitCode, 0);
	t.is(stdout, '\ndouble 60\nsingle 3000\n\nreport  reports/large/totals.json');
	const goal = await pipeline(rig, ['status', 'large', 'numbers', '--json']);
	t.deepEqual((JSON.parse(goal.stdout) as ReadonlyArray<{node: string; state: string}>).map(({node, state}) => [node, state]), [['numbers', 'fresh']]);
	const named = await pipeline(rig, ['run', 'large', '--params', 'params.json']);
	t.is(named.exitCode, 2, 'with --params it is a goal');
	t.regex(named.stderr, /^error There is no goal, stage or node "large"/);
});
