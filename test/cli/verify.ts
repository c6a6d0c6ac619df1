import {chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {digestText} from '../../engine/digest.ts';
import {openSqlite} from '../../engine/sqlite.ts';
import {pipeline} from '../helpers/cli.ts';
import {startUntilHeldUp} from '../helpers/held-up.ts';
import {makeRig} from '../helpers/rig.ts';

type Rig = Awaited<ReturnType<typeof makeRig>>;

/** Enough numbers for object files. */
const large = ['--set', 'numbers.count=20000'] as const;

async function makeLargeRig(): Promise<Rig> {
	const rig = await makeRig();
	rig.edit('numbers.ts', 'maximum: 1000', 'maximum: 100_000');
	return rig;
}

type State = {readonly node: string; readonly state: string; readonly outputs: Record<string, {digest: string; sizeBytes: number}>};

async function outputsOf(rig: Rig, args: readonly string[] = []) {
	const states = JSON.parse((await pipeline(rig, ['status', '--json', ...args])).stdout) as State[];
	return new Map(states.map(({node, outputs}) => [node, Object.values(outputs ?? {})[0]]));
}

const objectFile = ({files}: Rig, digest: string) => path.join(files.cacheFolder, 'objects', digest.slice(0, 2), digest.slice(2));

function damage(rig: Rig, digest: string): void {
	const file = objectFile(rig, digest);
	const bytes = readFileSync(file);
	bytes[100]! ^= 1;
	chmodSync(file, 0o644);
	writeFileSync(file, bytes);
}

test('a cache that is sound is all well', async t => {
	using rig = await makeRig();
	await pipeline(rig, ['run']);
	const {exitCode, stdout} = await pipeline(rig, ['verify']);
	t.is(stdout, '3 objects, 50 B read: all well');
	t.is(exitCode, 0);
	t.deepEqual(JSON.parse((await pipeline(rig, ['verify', '--json'])).stdout), {
		event: 'verified', ok: true, objects: 3, sizeBytes: 50, damages: [], forgotten: [], unreferenced: {files: 0, sizeBytes: 0}, databaseProblems: [],
	});
});

test('what is damaged is set aside and named with what made it, and the next run makes it anew', async t => {
	using rig = await makeLargeRig();
	await pipeline(rig, ['run', ...large]);
	const outputs = await outputsOf(rig, large);
	const [numbers, doubled] = [outputs.get('numbers')!, outputs.get('scaled@double')!];
	damage(rig, numbers.digest);
	rmSync(objectFile(rig, doubled.digest));
	const {exitCode, stdout} = await pipeline(rig, ['verify', ...large]);
	t.is(exitCode, 1);
	const lines = stdout.replaceAll(/\d+ kB/g, 'SIZE').split('\n');
	t.deepEqual(lines.slice(0, 2).toSorted(), [
		`damaged   ${numbers.digest}  SIZE, made by numbers.values, scaled@single.products; set aside in damaged/`,
		`missing   ${doubled.digest}  SIZE, made by scaled@double.products; its file is gone`,
	].toSorted());
	t.deepEqual(lines.slice(2), ['3 objects, SIZE read: 2 not well', 'Run again to make them anew: pipeline run, or pipeline verify --heal']);
	t.deepEqual(readdirSync(path.join(rig.files.cacheFolder, 'damaged')), [numbers.digest]);

	const again = await pipeline(rig, ['verify', ...large]);
	t.is(again.exitCode, 0);
	t.is(again.stdout.split('\n')[0], '3 outputs had lost their objects before, so they count as absent: numbers.values, scaled@double.products, scaled@single.products');

	const run = await pipeline(rig, ['run', '--json', ...large]);
	t.like(JSON.parse(run.stdout.split('\n').at(-1)!), {ran: 2, reused: 2, failed: 0});
	t.deepEqual(await outputsOf(rig, large), outputs);
	t.regex((await pipeline(rig, ['verify', ...large])).stdout, /^3 objects, .* read: all well$/);
});

test('small objects in the database are read too', async t => {
	using rig = await makeRig();
	await pipeline(rig, ['run']);
	const {digest} = (await outputsOf(rig)).get('total')!;
	const database = openSqlite(path.join(rig.files.cacheFolder, 'index.sqlite'));
	database.prepare('UPDATE objects SET content = ? WHERE digest = ?').run(new TextEncoder().encode('{"double":61,"single":30}'), digest);
	database.close();
	const {exitCode, stdout} = await pipeline(rig, ['verify']);
	t.is(stdout, [
		`damaged   ${digest}  25 B, made by total.report; set aside in damaged/`,
		'3 objects, 50 B read: 1 not well',
		'Run again to make them anew: pipeline run, or pipeline verify --heal',
	].join('\n'));
	t.is(exitCode, 1);
});

test('verify --heal makes anew what the goals have lost, whatever depends on what', async t => {
	using rig = await makeLargeRig();
	await pipeline(rig, ['run', ...large]);
	const outputs = await outputsOf(rig, large);
	damage(rig, outputs.get('numbers')!.digest);
	damage(rig, outputs.get('scaled@double')!.digest);
	const {exitCode, stderr} = await pipeline(rig, ['verify', '--heal', ...large]);
	t.is(exitCode, 1);
	t.regex(stderr, /^ran {7}numbers .* its output values is gone from the cache$/m);
	t.deepEqual(await outputsOf(rig, large), outputs);
	t.regex((await pipeline(rig, ['verify', ...large])).stdout, /^3 objects, .* read: all well$/);
});

test('files of no object are counted and do no harm', async t => {
	using rig = await makeRig();
	await pipeline(rig, ['run']);
	const stray = objectFile(rig, digestText('stray'));
	mkdirSync(path.dirname(stray), {recursive: true});
	writeFileSync(stray, 'stray');
	const {exitCode, stdout} = await pipeline(rig, ['verify']);
	t.is(stdout, '1 file of no object, 5 B: harmless, and pipeline gc removes them in time\n3 objects, 50 B read: all well');
	t.is(exitCode, 0);
	t.true(existsSync(stray));
});

test('verify while a run goes on finds nothing wrong and does the run no harm', async t => {
	using rig = await makeLargeRig();
	const {run, goOn} = await startUntilHeldUp(t, rig, ['run', ...large]);
	const verification = await pipeline(rig, ['verify', ...large]);
	t.regex(verification.stdout, /^2 objects, .* read: all well$/);
	goOn();
	t.is((await run.ended()).exitCode, 0);
});

test('verify --recompute gives the same bytes again and leaves the cache alone', async t => {
	using rig = await makeLargeRig();
	await pipeline(rig, ['run', ...large]);
	const list = () => readdirSync(rig.files.cacheFolder, {recursive: true, encoding: 'utf8'}).toSorted((a, b) => a.localeCompare(b));
	const before = list();
	const {exitCode, stdout} = await pipeline(rig, ['verify', '--recompute', 'numbers', 'scaled@double', 'total', ...large]);
	t.is(stdout, 'same bytes  numbers.values\nsame bytes  scaled@double.products\nsame bytes  total.report');
	t.is(exitCode, 0);
	t.deepEqual(list().filter(name => name !== 'temporary'), before.filter(name => name !== 'temporary'));
});

test('verify --recompute shows a stage that is not determined by its fingerprint', async t => {
	using rig = await makeRig();
	rig.edit('numbers.ts', 'values.push(square(index));', 'values.push(square(index) + performance.now());');
	await pipeline(rig, ['run']);
	const {digest} = (await outputsOf(rig)).get('numbers')!;
	const {exitCode, stdout} = await pipeline(rig, ['verify', '--recompute', 'numbers']);
	const [difference, ...hint] = stdout.split('\n');
	t.regex(difference!, new RegExp(String.raw`^differs {5}numbers\.values {2}\(was ${digest}, now [\da-f]{32}\)$`));
	t.regex(hint[0]!, /^ {2}The recorded bytes were made on .* by Node v[\d.]+\.$/);
	t.is(hint[1], '  A stage must draw its random numbers from its seed, and read no clock, no environment and no file that is not an input.');
	t.is(exitCode, 1);
	const plain = JSON.parse((await pipeline(rig, ['verify', '--recompute', 'numbers', '--json'])).stdout) as {node: string; outputs: Array<{was: string; isSame: boolean}>};
	t.like(plain, {node: 'numbers', outputs: [{output: 'values', was: digest, isSame: false}]});
	t.is((await outputsOf(rig)).get('numbers')!.digest, digest, 'the recorded result stays');
});

const refusals: ReadonlyArray<readonly [fact: string, args: readonly string[], stderr: string]> = [
	['names without --recompute', ['verify', 'numbers'], 'error The whole cache is verified, not single nodes\nTo compute a node again and compare its bytes: pipeline verify --recompute numbers'],
	['--recompute without names', ['verify', '--recompute'], 'error There is no node to compute again\nName one or several: pipeline verify --recompute NODE…'],
	['--recompute of a stale node', ['verify', '--recompute', 'numbers'], 'error There is no up-to-date result of numbers to compare with\nRun it first: pipeline run numbers'],
];

for (const [fact, args, expected] of refusals) {
	test(`${fact} is refused with what to do`, async t => {
		using rig = await makeRig();
		const {exitCode, stderr} = await pipeline(rig, args);
		t.is(stderr, expected);
		t.is(exitCode, 2);
	});
}

test('what is damaged is fetched again where a shared cache has it', async t => {
	using rig = await makeLargeRig();
	const shared = path.join(rig.folder, 'shared');
	mkdirSync(shared);
	await pipeline(rig, ['run', '--shared', shared, ...large]);
	const {digest} = (await outputsOf(rig, large)).get('numbers')!;
	const bytes = readFileSync(objectFile(rig, digest));
	damage(rig, digest);
	const {exitCode, stdout} = await pipeline(rig, ['verify', '--shared', shared, ...large]);
	t.is(stdout.split('\n')[0]!.replace(/\d+ kB/, 'SIZE'), `damaged   ${digest}  SIZE, made by numbers.values, scaled@single.products; fetched again`);
	t.is(exitCode, 1);
	t.deepEqual(readFileSync(objectFile(rig, digest)), bytes);
	t.regex((await pipeline(rig, ['run', '--no-shared', ...large])).stderr, /^4 reused in .* s$/m);
});
