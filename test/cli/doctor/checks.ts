import {chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import test, {type ExecutionContext} from 'ava';
import {backends, choice, tryOut} from '../../../cli/doctor/backends.ts';
import {clockFinding, spaceAndFileSystem, writable} from '../../../cli/doctor/disk.ts';
import {examine, type Site} from '../../../cli/doctor/finding.ts';
import {nodeVersion, repository} from '../../../cli/doctor/machine.ts';
import {installed, loading} from '../../../cli/doctor/packages.ts';
import {compileCommandLine} from '../../../bin/compile.js';
import {loadPipeline} from '../../../engine/code.ts';
import {UserError} from '../../../engine/error.ts';
import {buildGraph} from '../../../engine/graph.ts';
import {loadVariants} from '../../../engine/params.ts';

const root = path.join(import.meta.dirname, '../../..');

/** A folder with files: name → content, JSON unless it is a text. */
function makeFolder(t: ExecutionContext, files: Readonly<Record<string, unknown>> = {}): string {
	const folder = mkdtempSync(path.join(tmpdir(), 'doctor-'));
	t.teardown(() => {
		rmSync(folder, {recursive: true, force: true});
	});
	for (const [name, content] of Object.entries(files)) {
		mkdirSync(path.dirname(path.join(folder, name)), {recursive: true});
		writeFileSync(path.join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
	}

	return folder;
}

const at = (folder: string) => ({pipelineFile: path.join(folder, 'pipeline.ts')});

const unexpected = async () => {
	throw new Error('Not looked at here');
};

/** For checks that look at one thing only. */
const site: Site = {pipelineFile: '', paramsFile: '', cacheFolder: '', workerFile: '', backend: undefined, loaded: unexpected, graph: unexpected};

test('a check that throws becomes a problem and keeps no other from being made', async t => {
	const checks = [
		{
			name: 'broken',
			look() {
				throw new UserError('x', 'It is broken', {facts: {expected: 'whole'}, hint: 'Mend it.'});
			},
		},
		{name: 'late', async look() {
			throw new Error('too late');
		}},
		{name: 'whole', look: () => [{check: 'whole', status: 'ok' as const, found: 'yes'}]},
	];
	t.deepEqual(await examine(checks, site), [
		{check: 'broken', status: 'problem', found: 'It is broken\nexpected: whole', hint: 'Mend it.'},
		{check: 'late', status: 'problem', found: 'too late'},
		{check: 'whole', status: 'ok', found: 'yes'},
	]);
});

for (const [version, status] of [['20.18.3', 'problem'], ['18.20.0', 'problem'], ['20.19.0', 'ok'], ['20.20.2', 'ok'], ['22.0.0', 'ok']] as const) {
	test(`Node.js ${version} is ${status === 'ok' ? 'new enough' : 'too old'} where 20.19 is needed`, t => {
		const folder = makeFolder(t, {'package.json': {engines: {node: '>=20.19'}}});
		t.deepEqual(nodeVersion(at(folder), version), [{check: 'Node.js', status, found: `${version}, supported: >=20.19`, ...(status === 'problem' && {hint: 'Install Node.js 20.19 or newer.'})}]);
	});
}

test('installed packages are compared with the lock file', t => {
	const packages = {'': {}, 'node_modules/a': {version: '1.0.0'}, 'node_modules/b': {version: '2.0.0', dev: true}, 'node_modules/c': {version: '3.0.0', optional: true}};
	const folder = makeFolder(t, {'package.json': {}, 'package-lock.json': {packages}});
	const hint = `Run npm install in ${folder}.`;
	t.deepEqual(installed(at(folder)), [{check: 'npm packages', status: 'problem', found: '1 of package-lock.json are missing: a', hint}]);

	mkdirSync(path.join(folder, 'node_modules/a'), {recursive: true});
	writeFileSync(path.join(folder, 'node_modules/a/package.json'), '{"version": "1.0.1"}');
	t.deepEqual(installed(at(folder)), [{check: 'npm packages', status: 'warning', found: '1 differ from package-lock.json: a 1.0.1 instead of 1.0.0', hint}]);

	writeFileSync(path.join(folder, 'node_modules/a/package.json'), '{"version": "1.0.0"}');
	t.deepEqual(installed(at(folder)), [{check: 'npm packages', status: 'ok', found: '1 installed as in package-lock.json, without 1 that only development needs'}]);
});

test('a package that does not load is named with its error, also when it ends the process', async t => {
	const module = (name: string, source: string) => ({[`node_modules/${name}/package.json`]: {name, type: 'module', exports: './index.js'}, [`node_modules/${name}/index.js`]: source});
	const folder = makeFolder(t, {
		'package.json': {dependencies: {sound: '1', absent: '1', throwing: '1', dying: '1', never: '1'}},
		...module('sound', ''),
		...module('throwing', String.raw`throw new Error("no library\nin sight")`),
		...module('dying', 'process.kill(process.pid, "SIGKILL")'),
	});
	const findings = await loading(at(folder));
	t.deepEqual(findings.map(({check, found}) => [check, found.replace(/ imported from .*$/, '')]), [
		['loading absent', 'Cannot find package \'absent\''],
		['loading throwing', 'no library'],
		['loading dying', 'ended the process (SIGKILL)'],
	]);
	t.true(findings.every(({status}) => status === 'problem'));
});

test('little space is a warning, hardly any is a problem', t => {
	const spaceOf = (bytes: number) => spaceAndFileSystem({type: 0xEF_53, bavail: bytes / 1000, bsize: 1000})[0]!;
	t.like(spaceOf(5e9), {status: 'ok', found: '5.0 GB free'});
	t.like(spaceOf(5e8), {status: 'warning', found: '500 MB free'});
	t.like(spaceOf(5e6), {status: 'problem', found: '5.0 MB free'});
});

test('a file system that machines may share is a warning', t => {
	const kindOf = (type: number) => spaceAndFileSystem({type, bavail: 1e9, bsize: 1000})[1]!;
	t.like(kindOf(0xEF_53), {status: 'ok', found: 'ext4'});
	t.like(kindOf(0x69_69), {status: 'warning', found: 'nfs, which may be shared between machines'});
	t.like(kindOf(0x01_02_19_94), {status: 'note', found: 'tmpfs: it is in memory and gone after a restart'});
	t.like(kindOf(1), {status: 'ok', found: 'of a kind that is not known to be shared'});
});

test('a clock of a file system that is off is a warning', t => {
	t.like(clockFinding(1_000_010, 1_000_000, 1_000_020), {status: 'ok'});
	t.like(clockFinding(999_000, 1_000_000, 1_000_020), {status: 'ok'});
	t.like(clockFinding(940_000, 1_000_000, 1_000_020), {status: 'warning', found: 'that of the file system is 60 s behind'});
	t.like(clockFinding(1_060_020, 1_000_000, 1_000_020), {status: 'warning', found: 'that of the file system is 60 s ahead'});
});

test('a file in place of the cache folder is a problem', t => {
	const folder = makeFolder(t, {cache: ''});
	t.throws(() => writable({cacheFolder: path.join(folder, 'cache')}), {message: `The cache "${folder}/cache" is not a folder`});
});

test('a folder outside a repository cannot say what code results were made with', async t => {
	const folder = makeFolder(t);
	t.like((await repository({...site, ...at(folder)}))[0], {status: 'note', found: 'no commit: results cannot say what code they were made with'});
});

test('every backend of the experiment is tried in a worker', async t => {
	const {worker} = await compileCommandLine();
	const loaded = await loadPipeline(path.join(root, 'pipeline.ts'));
	const graph = buildGraph(loaded.pipeline, loadVariants(loaded.pipeline.params, {file: path.join(root, 'params.json'), overrides: []}), root);
	const findings = await backends({...site, workerFile: worker, loaded: async () => loaded, graph: async () => graph});
	const found = Object.fromEntries(findings.map(({check, status, found}) => [check, `${status}: ${found.replaceAll(/\d+\.\d+\.\d+/g, 'VERSION')}`]));
	t.is(found['backend wasm'], 'ok: works, @tensorflow/tfjs-backend-wasm VERSION');
	t.is(found['backend cpu'], 'ok: works, @tensorflow/tfjs-backend-cpu VERSION');
	t.regex(found['chosen backend']!, /^ok: (wasm|tensorflow|webgpu|tensorflow-gpu), the best that works$/);
});

test('the backend of a run is the best that works or the one that was asked for', async t => {
	const look = async (problem: string | undefined) => ({
		absent: await tryOut({name: 'absent', package: 'a', optional: true}, undefined, async () => ({problem: undefined, device: undefined})),
		emulated: await tryOut({name: 'emulated', package: 'd', optional: true}, '1.0.0', async () => ({problem: undefined, device: {name: 'soft driver 5', isEmulated: true}})),
		fast: await tryOut({name: 'fast', package: 'b', install: 'npm run native'}, '1.0.0', async () => ({problem, device: {name: 'card, driver 7', isEmulated: false}})),
		slow: await tryOut({name: 'slow', package: 'c'}, '2.0.0', async () => ({problem: undefined, device: undefined})),
	});
	const tried = async (problem?: string) => Object.entries(await look(problem)).map(([name, found]) => ({backend: {name, package: 'x'}, ...found}));
	const findingsOf = async (problem?: string) => Object.fromEntries((await tried(problem)).map(({backend: {name}, finding}) => [name, finding]));
	t.deepEqual(await findingsOf('no GPU'), {
		absent: {check: 'backend absent', status: 'note', found: 'a is not installed', hint: 'To get it: npm install --no-save a'},
		emulated: {check: 'backend emulated', status: 'note', found: 'works, d 1.0.0 on soft driver 5', hint: 'That is no GPU, so it is taken only when it is asked for.'},
		fast: {check: 'backend fast', status: 'warning', found: 'b 1.0.0 does not work here: no GPU', hint: 'Install it again (npm run native), or remove it.'},
		slow: {check: 'backend slow', status: 'ok', found: 'works, c 2.0.0'},
	});
	t.is((await findingsOf()).fast!.found, 'works, b 1.0.0 on card, driver 7');
	t.like(choice(await tried(), 'emulated'), {status: 'ok', found: 'emulated, as asked for'});
	t.like(choice(await tried(), 'absent'), {status: 'problem', found: '"absent" was asked for and does not work here'});
	t.like(choice(await tried(), undefined), {status: 'ok', found: 'fast, the best that works'});
	t.like(choice(await tried('no GPU'), undefined), {status: 'ok', found: 'slow, the best that works'});
	t.like(choice(await tried(), 'slow'), {status: 'ok', found: 'slow, as asked for'});
	t.like(choice(await tried('no GPU'), 'fast'), {status: 'problem', found: '"fast" was asked for and does not work here'});
	t.like(choice(await tried(), 'abacus'), {status: 'problem', found: '"abacus" was asked for and is unknown'});
	t.like(choice([], undefined), {status: 'problem', found: 'none: no backend works here'});
});

test('a cache folder that cannot be written is a problem', t => {
	const folder = makeFolder(t);
	chmodSync(folder, 0o555);
	t.teardown(() => {
		chmodSync(folder, 0o755);
	});
	const look = () => writable({cacheFolder: path.join(folder, 'cache')});
	// The superuser may write anywhere.
	if (process.getuid?.() === 0) {
		t.like(look()[0], {status: 'note'});
	} else {
		t.throws(look, {message: `The cache folder "${folder}/cache" cannot be written`});
	}
});
