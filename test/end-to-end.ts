import {existsSync, readFileSync, readdirSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import test from 'ava';
import {until} from './helpers/cli.ts';
import {makeExperiment, root} from './helpers/experiment.ts';

const miniature = ['--params', path.join(root, 'presets/miniature.json')];
const variants = ['negative', 'positive', 'standard'];
const shared = ['embedding-faces', 'embedding-on-train', 'embedding-training', 'evaluation-on-train', 'evaluation-training', 'generator-training', 'image-split', 'latent-pool', 'prior-faces', 'private-faces', 'subsample'];
const byVariant = (...names: readonly string[]) => names.flatMap(name => variants.map(variant => `${name}@${variant}`));
const sorted = (names: readonly string[]) => names.toSorted((a, b) => (a < b ? -1 : 1));
/** What is downstream of the optimization. */
const judged = ['comparison', 'report', ...byVariant('candidate-reconstruction', 'embedding-on-selected', 'evaluation-on-optimized', 'evaluation-on-selected', 'metrics', 'optimization', 'reconstruction', 'selection', 'surrogate-on-test', 'surrogate-on-train', 'surrogate-training')];
const before = [...shared, ...byVariant('evaluation-on-initial', 'sampling', 'target-on-test', 'target-on-train', 'target-training')];

const experiment = makeExperiment();
type Report = Awaited<ReturnType<typeof experiment.report>>;
let undisturbed: Report;

test.before(async () => {
	undisturbed = await experiment.report([...miniature, '--jobs', '2']);
});

test.after.always(() => {
	experiment[Symbol.dispose]();
});

test.serial('a cold cache runs everything', t => {
	t.is(undisturbed.exitCode, 0);
	t.is(undisturbed.stderr, '');
	t.deepEqual(undisturbed.ran, sorted([...before, ...judged]));
	t.deepEqual(undisturbed.reused, []);
});

test.serial('no stage asks for, reads, writes or leaks what it should not', t => {
	t.deepEqual(undisturbed.warnings, []);
});

test.serial('a warm cache runs nothing, prints the table and says where the reports are', async t => {
	const {exitCode, stdout, stderr} = await experiment.run(miniature);
	t.is(exitCode, 0);
	const rows = stdout.split('\n').map(line => line.trim().split(/\s+/)[0]);
	t.deepEqual(rows.filter(word => variants.includes(word!)), ['positive', 'standard', 'negative', 'positive', 'negative']);
	const reports = ['index.html', 'results.csv', 'results.json'].map(file => path.relative(root, path.join(experiment.folder, 'reports/miniature', file)));
	t.deepEqual(stdout.split('\n').filter(line => line.startsWith('report ')), reports.map(file => `report  ${file}`));
	t.regex(stderr, /^61 reused in [\d.]+ m?s$/m);
});

test.serial('reports are a page, a table for programs and a table for spreadsheets', t => {
	const read = (file: string) => readFileSync(path.join(experiment.folder, 'reports/miniature', file), 'utf8');
	t.true(read('index.html').startsWith('<!doctype html>'));
	const {rows} = JSON.parse(read('results.json')) as {rows: ReadonlyArray<readonly [string, number]>};
	t.deepEqual(rows.map(([name, alpha]) => [name, alpha]), [['positive', 0.1], ['standard', 0], ['negative', -0.05]]);
	t.deepEqual(read('results.csv').split('\r\n').map(line => line.split(',')[0]), ['variant', 'positive', 'standard', 'negative', '']);
});

test.serial('a changed param of the optimization runs it and what follows', async t => {
	const changed = await experiment.report([...miniature, '--set', 'optimization.steps=6']);
	t.deepEqual(changed.ran, sorted(judged));
	t.deepEqual(changed.reused, sorted(before));
});

test.serial('another cold cache gives the same bytes, one node at a time', async t => {
	using other = makeExperiment();
	const {ran, digests} = await other.report([...miniature, '--jobs', '1']);
	t.deepEqual(ran, undisturbed.ran);
	t.deepEqual(digests, undisturbed.digests);
});

test.serial('a run that was killed while it trained goes on to the same bytes', async t => {
	using killed = makeExperiment();
	const run = killed.launch([...miniature, '--jobs', '2', '--json'], {detached: true});
	let output = '';
	run.onOutput(text => {
		output += text;
	});
	await until(() => /"event":"step".*"node":"[a-z]+-training/.test(output), 'a model is trained', 60_000);
	process.kill(-run.pid, 'SIGKILL');
	t.is((await run.ended()).signal, 'SIGKILL');

	const {exitCode, ran, reused, digests} = await killed.report([...miniature, '--jobs', '2']);
	t.is(exitCode, 0);
	t.true(reused.includes('private-faces'));
	t.deepEqual(sorted([...ran, ...reused]), undisturbed.ran);
	t.deepEqual(digests, undisturbed.digests);
});

test.serial('a training that was killed goes on from its checkpoint to the same bytes, and says so', async t => {
	const training = ['target-training@negative', ...miniature, '--set', 'target.epochs=40'];
	using other = makeExperiment();
	const alone = await other.report(training);

	using killed = makeExperiment();
	const run = killed.launch([...training, '--checkpoint-after', '0'], {detached: true});
	const checkpoints = path.join(killed.folder, 'cache/checkpoints');
	await until(() => existsSync(checkpoints) && readdirSync(checkpoints).length > 0, 'a checkpoint is saved', 60_000);
	process.kill(-run.pid, 'SIGKILL');
	t.is((await run.ended()).signal, 'SIGKILL');

	const {stderr, exitCode} = await killed.run(training);
	t.is(exitCode, 0);
	t.regex(stderr, /^resumed {3}target-training@negative {2}from step \d+ of 80$/m);
	t.deepEqual((await killed.report(training)).digests, alone.digests);
	t.deepEqual(readdirSync(checkpoints), []);
});
