/**
 * Builds the backend "tensorflow", or with --gpu "tensorflow-gpu", from packages of the npm and the Python registry, where the package's own installer cannot
 * download its library; with --webgpu fetches the packages of the backend "webgpu", which need no building. Everything goes into .native, which is safe to delete;
 * what is there already is kept.
 */
import {existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';
import {BuildError, compile, describe, fetchLibraries, fetchPackage, findCompiler, findPython, keepPlatform, publish, tryOut} from '../native/steps.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const home = path.join(root, '.native');
const source = path.join(root, 'native');

const releases = {
	cpu: {name: '@tensorflow/tfjs-node', version: '4.22.0', integrity: 'sha512-uHrXeUlfgkMxTZqHkESSV7zSdKdV0LlsBeblqkuKU9nnfxB1pC6DtoyYVaLxznzZy7WQSegjcohxxCjAf6Dc7w=='},
	gpu: {name: '@tensorflow/tfjs-node-gpu', version: '4.22.0', integrity: 'sha512-p//NN6DGiN4hInUmIkRffaFVMcdTREUMjPyjW04J7OXvB2zBlQimj61eFKSgRrH3f5TnOfKzb0n56he/B6a4bw=='},
	protobuf: {name: 'google-protobuf', version: '3.21.4', integrity: 'sha512-MnG7N936zcKTco4Jd2PX2U96Kf9PxygAPKBug+74LHzmHXmceN16MmRcdgZv+DGef/S9YvQAfRsNCn4cjf9yyQ=='},
	dawn: {name: 'webgpu', version: '0.6.2', integrity: 'sha512-3L4GfmqJLvYUIEWJngEQY+2HQiUlAFkg8+P8NDDj3Xx5hHHIFO/r8JW+ynfqBj7kHN4mbnwO74uB+lrRtLhp4Q=='},
	webgpu: {name: '@tensorflow/tfjs-backend-webgpu', version: '4.22.0', integrity: 'sha512-lvIc7Af4Tl2BCdYp43iQmSCRq3asaKT0q2xaErphXiUZ+jqeB0bQa0ZvQys1Xatvto0U4/c90DVsHPfvkn5ftg=='},
	headers: {name: 'node-api-headers', version: '1.9.0', integrity: 'sha512-2oNILP4jXwRB4ywnYKjVk1YyJ96n2D4EOVJO6S3oYZ5PtbJrw3Yt9TpAuX3nBLMuzn74rnfGQrv13pS9vC+YiA=='},
};

// Ctrl-C ends the program that runs; then what was begun is removed.
process.on('SIGINT', () => {});
try {
	build(process.argv.slice(2));
} catch (error) {
	if (!(error instanceof BuildError)) {
		throw error;
	}

	console.error(`${error.message}.\n${error.hint}`);
	process.exitCode = 1;
}

/** @param {readonly string[]} args */
function build(args) {
	const unknown = args.find(argument => argument !== '--gpu' && argument !== '--webgpu');
	if (unknown !== undefined) {
		throw new BuildError(`There is no option "${unknown}"`, 'Usage: npm run native [-- --gpu | --webgpu]');
	}

	if (args.includes('--webgpu')) {
		fetchWebGpu();
		return;
	}

	if (process.platform !== 'linux' || process.arch !== 'x64') {
		throw new BuildError(`This builds on Linux with an x86-64 processor, and this is ${process.platform} ${process.arch}`, 'The backend "wasm" works everywhere; @tensorflow/tfjs-node may install from npm.');
	}

	const kind = args.includes('--gpu') ? 'gpu' : 'cpu';
	const release = releases[kind];
	const requirements = path.join(source, `${kind}.txt`);
	const version = `${release.version}+tensorflow.${/^tensorflow[^=]*==(\S+)/m.exec(readFileSync(requirements, 'utf8'))?.[1]}`;
	const place = path.join(home, 'node_modules', release.name);
	if (versionAt(place) === version) {
		console.log(`${release.name} ${version} is built already; remove ${path.relative(root, home)} to build it again.`);
		return;
	}

	const python = findPython();
	const compiler = findCompiler();
	removeLeftovers();
	mkdirSync(home, {recursive: true});
	const draft = mkdtempSync(path.join(home, `building-${process.pid}-`));
	const folder = path.join(draft, 'package');
	try {
		console.log(`Fetching ${release.name} and the TensorFlow library (${kind === 'gpu' ? 'about 2.5 GB, 4 GB unpacked' : '230 MB, 680 MB unpacked'}) …`);
		fetchPackage(release, folder);
		fetchPackage(releases.protobuf, path.join(folder, 'node_modules', releases.protobuf.name));
		fetchPackage(releases.headers, path.join(draft, 'headers'));
		fetchLibraries(python, {requirements, unpack: path.join(source, 'unpack.py'), folder: path.join(folder, 'lib')});
		console.log('Compiling the binding …');
		compile(compiler, {folder, headers: path.join(draft, 'headers/include')});
		describe(folder, version, path.join(source, 'index.cjs'));
		tryOut(folder);
		publish(folder, place);
	} finally {
		rmSync(draft, {recursive: true, force: true});
	}

	console.log(`Built ${release.name} ${version} in ${path.relative(root, place)}; "pipeline doctor" tells whether runs take it.`);
}

/** Fetches the packages of the backend "webgpu": of Dawn, what this platform needs. The kernels come last, because they are what tells whether the backend is there. */
function fetchWebGpu() {
	const missing = [releases.dawn, releases.webgpu].filter(({name, version}) => versionAt(path.join(home, 'node_modules', name)) !== version);
	if (missing.length === 0) {
		console.log(`${releases.webgpu.name} ${releases.webgpu.version} is there already; remove ${path.relative(root, home)} to fetch it again.`);
		return;
	}

	removeLeftovers();
	mkdirSync(home, {recursive: true});
	for (const release of missing) {
		const draft = mkdtempSync(path.join(home, `building-${process.pid}-`));
		const folder = path.join(draft, 'package');
		try {
			console.log(`Fetching ${release.name} ${release.version}${release === releases.dawn ? '' : ''} …`);
			fetchPackage(release, folder);
			if (release === releases.dawn) {
				keepPlatform(path.join(folder, 'dist'));
			}

			publish(folder, path.join(home, 'node_modules', release.name));
		} finally {
			rmSync(draft, {recursive: true, force: true});
		}
	}

	console.log(`Fetched ${releases.webgpu.name} ${releases.webgpu.version}; "pipeline doctor" tells whether runs take it.`);
}

/**
 * @param {string} folder
 * @returns {string | undefined}
 */
function versionAt(folder) {
	const manifest = path.join(folder, 'package.json');
	return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : undefined;
}

/** What builds left behind that were killed. */
function removeLeftovers() {
	for (const name of existsSync(home) ? readdirSync(home) : []) {
		const pid = /^building-(\d+)-/.exec(name)?.[1];
		if (pid !== undefined && !isAlive(Number(pid))) {
			rmSync(path.join(home, name), {recursive: true, force: true});
		}
	}
}

/** @param {number} pid */
function isAlive(pid) {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}
