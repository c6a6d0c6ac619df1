import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {Type} from '@sinclair/typebox';
import test, {type ExecutionContext} from 'ava';
import type {UserError} from '../../engine/error.ts';
import {loadVariants} from '../../engine/params.ts';
import {commonName, planSweep, type Sweep, type SweepRequest} from '../../engine/sweep.ts';

const slices = {
	target: Type.Object({alpha: Type.Number({maximum: 1}), epochs: Type.Integer({minimum: 1}), crop: Type.Array(Type.Number())}),
	judge: Type.Object({alpha: Type.Number(), schedule: Type.String()}),
};

const params = {
	seed: 7,
	variants: {standard: {}, positive: {'target.alpha': 0.1}},
	sweep: {'target.alpha': [-0.05, 0, 0.1]},
	target: {alpha: 0, epochs: 3, crop: [0.5, 1]},
	judge: {alpha: 0, schedule: 'cosine'},
};

function sourceOf(t: ExecutionContext, content: object) {
	const folder = mkdtempSync(path.join(tmpdir(), 'sweep-'));
	t.teardown(() => {
		rmSync(folder, {recursive: true});
	});
	const file = path.join(folder, 'params.json');
	writeFileSync(file, JSON.stringify(content));
	return {file, overrides: []};
}

function plan(t: ExecutionContext, names: readonly string[], changes: Partial<SweepRequest> = {}, content: object = params): Sweep {
	return planSweep(slices, sourceOf(t, content), {params: names, values: [], isZipped: false, repeats: 1, ...changes});
}

function refused(t: ExecutionContext, names: readonly string[], changes: Partial<SweepRequest> = {}): string {
	const {code, message, facts, hint = ''} = t.throws<UserError>(() => plan(t, names, changes), {name: 'UserError'});
	return [`${code}: ${message}`, ...Object.entries(facts).map(([name, fact]) => `${name}: ${String(fact).replace(/\/\S*\//, '')}`), hint].join('\n');
}

test('a param has the values that the params list for it', t => {
	t.deepEqual(plan(t, ['alpha']), {
		paths: ['target.alpha'],
		points: {'alpha=-0.05': {'target.alpha': -0.05}, 'alpha=0': {'target.alpha': 0}, 'alpha=0.1': {'target.alpha': 0.1}},
	});
});

test('values of the command line replace the listed ones', t => {
	t.deepEqual(Object.keys(plan(t, ['alpha'], {values: ['0:0.3:0.1']}).points), ['alpha=0', 'alpha=0.1', 'alpha=0.2', 'alpha=0.3']);
});

test('several params make every combination, the last one fastest', t => {
	const {paths, points} = plan(t, ['alpha', 'epochs'], {values: ['alpha=0,0.1', 'epochs=1,2']});
	t.deepEqual(paths, ['target.alpha', 'target.epochs']);
	t.deepEqual(Object.keys(points), ['alpha=0,epochs=1', 'alpha=0,epochs=2', 'alpha=0.1,epochs=1', 'alpha=0.1,epochs=2']);
	t.deepEqual(points['alpha=0.1,epochs=2'], {'target.alpha': 0.1, 'target.epochs': 2});
});

test('zipped params are paired', t => {
	t.deepEqual(Object.keys(plan(t, ['alpha', 'epochs'], {values: ['epochs=1,2,3'], isZipped: true}).points), ['alpha=-0.05,epochs=1', 'alpha=0,epochs=2', 'alpha=0.1,epochs=3']);
});

test('a repeated sweep runs every point with seeds from the params\' own one upwards', t => {
	const {paths, points} = plan(t, ['alpha'], {values: ['0,0.1'], repeats: 2});
	t.deepEqual(paths, ['target.alpha']);
	t.deepEqual(Object.keys(points), ['alpha=0,seed=7', 'alpha=0,seed=8', 'alpha=0.1,seed=7', 'alpha=0.1,seed=8']);
	t.deepEqual(points['alpha=0.1,seed=8'], {'target.alpha': 0.1, seed: 8});
});

test('params of one key are named by more of their paths', t => {
	t.deepEqual(Object.keys(plan(t, ['alpha', 'judge.alpha'], {values: ['target.alpha=0', 'judge.alpha=1']}).points), ['target.alpha=0,judge.alpha=1']);
});

test('values become names without characters that mean something in names of nodes', t => {
	t.deepEqual(Object.keys(plan(t, ['crop'], {values: ['[0.5,1],[0.9,1]']}).points), ['crop=0.5_1', 'crop=0.9_1']);
	const kinds = ['{"kind":"none"},{"kind":"mid","lambda":0.01},{"kind":"smoothing","alpha":-0.05},{"kind":"mid","lambda":1,"isNoisy":false}'];
	t.deepEqual(Object.keys(plan(t, ['schedule'], {values: kinds}).points), ['schedule=none', 'schedule=mid-0.01', 'schedule=smoothing--0.05', 'schedule=mid-1-isNoisy-false']);
	t.deepEqual(Object.keys(plan(t, ['schedule'], {values: ['a@b,a#b,c+d']}).points), ['schedule=a_b', 'schedule=a_b_2', 'schedule=c_d']);
});

test('every point is checked, and its problem names it', t => {
	const source = sourceOf(t, params);
	const {points} = planSweep(slices, source, {params: ['alpha'], values: ['0,2,x'], isZipped: false, repeats: 1});
	const error = t.throws<UserError>(() => loadVariants(slices, {...source, points}));
	t.is(error.message, [
		'2 problems in the params, nothing was run:',
		'  "target.alpha" must be a number of at most 1, got 2',
		'    in point "alpha=2" of the sweep',
		'  "target.alpha" must be a number of at most 1, got "x"',
		'    in point "alpha=x" of the sweep',
	].join('\n'));
});

test('points take the place of variants', t => {
	const source = sourceOf(t, params);
	const {points} = planSweep(slices, source, {params: ['alpha'], values: [], isZipped: false, repeats: 1});
	const variants = loadVariants(slices, {...source, points});
	t.deepEqual(variants.map(({name, patch}) => [name, patch]), Object.entries(points));
	t.deepEqual(variants.map(variant => (variant.params.target as {alpha: number}).alpha), [-0.05, 0, 0.1]);
	t.false('sweep' in variants[0]!.base);
});

test('a param without values says where they may be listed', t => {
	t.is(refused(t, ['epochs']), [
		'sweep-values: No values are listed for "target.epochs"',
		'looked in: "sweep" of params.json',
		'List them there, or give them with --values, as in --values 0,0.1 or --values 0:0.3:0.05.',
	].join('\n'));
});

test('lists of different length cannot be zipped', t => {
	t.is(refused(t, ['alpha', 'epochs'], {values: ['epochs=1'], isZipped: true}), [
		'sweep-values: Params that are zipped need lists of one length',
		'target.alpha: 3 values',
		'target.epochs: 1 value',
		'Leave out --zip to run every combination.',
	].join('\n'));
});

test('values of several params say which one they are about', t => {
	t.is(refused(t, ['alpha', 'epochs'], {values: ['1,2']}), [
		'sweep-values: "--values 1,2" does not say which param it is about',
		'params: target.alpha, target.epochs',
		'Put the name before the values, as in --values alpha=0,0.1 --values perClass=10,20.',
	].join('\n'));
});

test('a param is named once, and its values are given once', t => {
	t.is(refused(t, ['alpha', 'target.alpha']), 'sweep-params: The sweep names "target.alpha" twice\n');
	t.is(refused(t, ['alpha'], {values: ['0', 'alpha=1']}), 'sweep-values: The values of "target.alpha" are given twice\nGive all of them in one list, separated by commas.');
});

test('the seed is swept or repeated, not both', t => {
	t.deepEqual(Object.keys(plan(t, ['seed'], {values: ['1,2']}).points), ['seed=1', 'seed=2']);
	t.is(refused(t, ['seed'], {values: ['1,2'], repeats: 2}), 'sweep-params: The sweep cannot repeat its points with other seeds when "seed" itself is swept\nLeave out --repeat, or the param.');
});

test('points that share a value no other has are named after it', t => {
	const all = ['alpha=0,n=1', 'alpha=0,n=2', 'alpha=1,n=1', 'alpha=1,n=2'];
	t.is(commonName(['alpha=0,n=1', 'alpha=1,n=1'], all), 'n=1');
	t.is(commonName(['alpha=1,n=2'], all), 'alpha=1,n=2');
	t.is(commonName(['alpha=0,n=1', 'alpha=1,n=2'], all), 'alpha=0,n=1+alpha=1,n=2');
	t.is(commonName(['n=1', 'n=2', 'n=3', 'n=4'], ['n=1', 'n=2', 'n=3', 'n=4', 'n=5']), 'n=1+3-more');
});
