import {spawnSync} from 'node:child_process';
import {cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import test, {type ExecutionContext} from 'ava';

const root = path.join(import.meta.dirname, '..');

/** A copy of the build script in a folder of its own, where nothing is built. */
function makeCopy(t: ExecutionContext): string {
	const folder = mkdtempSync(path.join(tmpdir(), 'native-'));
	t.teardown(() => {
		rmSync(folder, {recursive: true, force: true});
	});
	cpSync(path.join(root, 'native'), path.join(folder, 'native'), {recursive: true});
	cpSync(path.join(root, 'bin/native.js'), path.join(folder, 'bin/native.js'));
	cpSync(path.join(root, 'package.json'), path.join(folder, 'package.json'));
	return folder;
}

function build(folder: string, env: Readonly<Record<string, string>> = {}, ...args: string[]) {
	const {status, stdout, stderr} = spawnSync(process.execPath, [path.join(folder, 'bin/native.js'), ...args], {encoding: 'utf8', env: {...process.env, ...env}});
	return {status, stdout, stderr};
}

const isSupported = process.platform === 'linux' && process.arch === 'x64';

test('an unknown option is refused with the usage', t => {
	const folder = makeCopy(t);
	t.deepEqual(build(folder, {}, '--cuda'), {status: 1, stdout: '', stderr: 'There is no option "--cuda".\nUsage: npm run native [-- --gpu | --webgpu]\n'});
	t.false(existsSync(path.join(folder, '.native')));
});

if (isSupported) {
	test('without Python the build says what is needed and leaves nothing behind', t => {
		const folder = makeCopy(t);
		t.deepEqual(build(folder, {PYTHON: '/nowhere/python3'}), {
			status: 1,
			stdout: '',
			stderr: 'Python 3 with pip is needed to fetch the TensorFlow library, and "/nowhere/python3" is none.\nInstall it (Debian: apt-get install python3-pip), or name it: PYTHON=/path/to/python3 npm run native.\n',
		});
		t.false(existsSync(path.join(folder, '.native')));
	});

	test('a registry that cannot be reached fails the build, which leaves nothing behind but clears up after killed ones', t => {
		const folder = makeCopy(t);
		const leftover = path.join(folder, '.native/building-999999999-x');
		mkdirSync(leftover, {recursive: true});
		// A Python that has pip, and a registry where nobody listens.
		const python = path.join(folder, 'python');
		writeFileSync(python, '#!/bin/sh\nexit 0\n', {mode: 0o755});
		const {status, stderr} = build(folder, {PYTHON: python, CXX: python, npm_config_registry: 'http://127.0.0.1:9', npm_config_fetch_retries: '0', npm_config_cache: path.join(folder, 'npm')});
		t.is(status, 1);
		t.true(stderr.endsWith('@tensorflow/tfjs-node 4.22.0 cannot be fetched (npm ended with exit code 1).\nCheck the connection to the npm registry and run it again.\n'), stderr);
		t.deepEqual(readdirSync(path.join(folder, '.native')), []);
	});

	test('what is built already is kept', t => {
		const folder = makeCopy(t);
		const place = path.join(folder, '.native/node_modules/@tensorflow/tfjs-node');
		mkdirSync(place, {recursive: true});
		writeFileSync(path.join(place, 'package.json'), JSON.stringify({version: '4.22.0+tensorflow.2.18.1'}));
		t.deepEqual(build(folder), {status: 0, stdout: '@tensorflow/tfjs-node 4.22.0+tensorflow.2.18.1 is built already; remove .native to build it again.\n', stderr: ''});
	});
}
