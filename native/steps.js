import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';

/** What went wrong, in a sentence, and what to do. */
export class BuildError extends Error {
	/**
	 * @param {string} message
	 * @param {string} hint
	 */
	constructor(message, hint) {
		super(message);
		this.hint = hint;
	}
}

/**
 * Runs a program and shows what it prints.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{readonly what: string, readonly hint: string}} failure in words
 */
function run(program, args, {what, hint}) {
	const {status, signal} = spawnSync(program, args, {stdio: ['ignore', 'ignore', 'inherit'], env: {TF_CPP_MIN_LOG_LEVEL: '1', ...process.env}});
	if (status !== 0) {
		throw new BuildError(`${what} (${program} ended with ${signal ?? (status === null ? 'no start' : `exit code ${status}`)})`, hint);
	}
}

/**
 * @param {string} program
 * @param {readonly string[]} args
 */
const starts = (program, ...args) => spawnSync(program, args, {stdio: 'ignore'}).status === 0;

/** @returns {string} a Python that has pip */
export function findPython() {
	const named = process.env.PYTHON;
	const found = (named ? [named] : ['python3', 'python']).find(python => starts(python, '-m', 'pip', '--version'));
	if (found === undefined) {
		throw new BuildError(`Python 3 with pip is needed to fetch the TensorFlow library, and ${named ? `"${named}" is none` : 'there is none as "python3" or "python"'}`, 'Install it (Debian: apt-get install python3-pip), or name it: PYTHON=/path/to/python3 npm run native.');
	}

	return found;
}

/** @returns {string} */
export function findCompiler() {
	const compiler = process.env.CXX ?? 'c++';
	if (!starts(compiler, '--version')) {
		throw new BuildError(`A C++ compiler is needed to build the binding, and "${compiler}" cannot be started`, 'Install one (Debian: apt-get install g++), or name it: CXX=/path/to/compiler npm run native.');
	}

	return compiler;
}

/**
 * Fetches an npm package without running anything of it.
 * @param {{readonly name: string, readonly version: string, readonly integrity: string}} release
 * @param {string} folder where its files go
 */
export function fetchPackage({name, version, integrity}, folder) {
	mkdirSync(folder, {recursive: true});
	const hint = 'Check the connection to the npm registry and run it again.';
	run('npm', ['pack', `${name}@${version}`, '--silent', '--pack-destination', folder], {what: `${name} ${version} cannot be fetched`, hint});
	const archive = path.join(folder, readdirSync(folder).find(file => file.endsWith('.tgz')) ?? '');
	const digest = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
	if (digest !== integrity) {
		throw new BuildError(`${name} ${version} is not what was expected: its digest is ${digest} instead of ${integrity}`, 'Ask whoever runs the npm registry that is used here.');
	}

	run('tar', ['-xzf', archive, '-C', folder, '--strip-components=1'], {what: `${name} ${version} cannot be unpacked`, hint});
	rmSync(archive);
}

/**
 * Fetches wheels of the platform that the binding is built for, whatever Python this is, and takes the libraries out of them.
 * @param {string} python
 * @param {{readonly requirements: string, readonly unpack: string, readonly folder: string}} places
 */
export function fetchLibraries(python, {requirements, unpack, folder}) {
	const wheels = path.join(folder, 'wheels');
	run(python, [
		'-m',
		'pip',
		'download',
		'--quiet',
		'--disable-pip-version-check',
		'--no-deps',
		'--only-binary=:all:',
		'--require-hashes',
		'--implementation',
		'cp',
		'--python-version',
		'3.11',
		'--abi',
		'cp311',
		...['manylinux_2_17', 'manylinux2014', 'manylinux1'].flatMap(platform => ['--platform', `${platform}_x86_64`]),
		'--dest',
		wheels,
		'--requirement',
		requirements,
	], {what: 'The TensorFlow library cannot be fetched', hint: 'Check the connection to the Python registry and run it again.'});
	run(python, [unpack, wheels, folder], {what: 'The TensorFlow library cannot be unpacked', hint: 'See whether the disk is full.'});
	rmSync(wheels, {recursive: true});
}

/**
 * Compiles the binding of the npm package against the library, and leaves of both what is needed to run.
 * @param {string} compiler
 * @param {{readonly folder: string, readonly headers: string}} places the package, and Node's C headers
 */
export function compile(compiler, {folder, headers}) {
	const library = path.join(folder, 'lib/tensorflow');
	run(compiler, [
		'-O2',
		'-std=c++17',
		'-fPIC',
		'-shared',
		'-w',
		'-DNAPI_VERSION=8',
		'-I',
		headers,
		'-I',
		path.join(library, 'include'),
		...['tfjs_backend.cc', 'tfjs_binding.cc'].map(file => path.join(folder, 'binding', file)),
		'-o',
		path.join(folder, 'lib/tfjs_binding.node'),
		'-L',
		library,
		'-l:libtensorflow_cc.so.2',
		'-l:libtensorflow_framework.so.2',
		String.raw`-Wl,-rpath,$ORIGIN/tensorflow`,
	], {what: 'The binding cannot be compiled', hint: 'It needs a compiler for C++17, such as GCC 9 or newer.'});
	rmSync(path.join(library, 'include'), {recursive: true});
}

/**
 * Adds a number with the package, in a process of its own.
 * @param {string} folder
 */
export function tryOut(folder) {
	const script = `const tf = require('@tensorflow/tfjs-core'); require(${JSON.stringify(folder)}); tf.setBackend('tensorflow').then(() => process.exit(tf.add(1, 2).dataSync()[0] === 3 ? 0 : 1));`;
	run(process.execPath, ['-e', script], {what: 'What was built does not work here', hint: 'The lines above say why; the processor must know AVX.'});
}

/**
 * Gives the package the version that names both of its parts, and the project's own TensorFlow.js in place of the whole family.
 * @param {string} folder
 * @param {string} version
 * @param {string} main its main module
 */
export function describe(folder, version, main) {
	const manifest = path.join(folder, 'package.json');
	const {name, license} = JSON.parse(readFileSync(manifest, 'utf8'));
	writeFileSync(manifest, `${JSON.stringify({name, version, license, main: 'index.cjs'}, undefined, '\t')}\n`);
	writeFileSync(path.join(folder, 'index.cjs'), readFileSync(main));
	const family = path.join(folder, 'node_modules/@tensorflow/tfjs');
	mkdirSync(family, {recursive: true});
	writeFileSync(path.join(family, 'index.js'), 'module.exports = require(\'@tensorflow/tfjs-core\');\n');
}

/**
 * Removes the builds of a package for other platforms than this one.
 * @param {string} folder with a folder per platform
 */
export function keepPlatform(folder) {
	const own = `${process.platform}-${process.platform === 'darwin' ? 'universal' : process.arch}`;
	const platforms = readdirSync(folder);
	if (!platforms.includes(own)) {
		throw new BuildError(`WebGPU is not built for ${process.platform} ${process.arch}`, `It is for ${platforms.join(', ')}; the backend "wasm" works everywhere.`);
	}

	for (const platform of platforms.filter(name => name !== own)) {
		rmSync(path.join(folder, platform), {recursive: true});
	}
}

/**
 * Puts a finished folder in its place at once.
 * @param {string} draft
 * @param {string} place
 */
export function publish(draft, place) {
	mkdirSync(path.dirname(place), {recursive: true});
	rmSync(place, {recursive: true, force: true});
	renameSync(draft, place);
}
