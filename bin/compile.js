/** Compiles the command line and the worker when their sources changed. */
import {existsSync, readdirSync, rmSync, statSync} from 'node:fs';
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {madeFromFiles, watchedFiles, writeAtomically} from '../engine/bundle.cjs';
import {loadersOwn, scriptOptions} from '../engine/script.cjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = path.join(root, 'node_modules', '.cache', 'pipeline');

const compilerFiles = [fileURLToPath(import.meta.url), path.join(root, 'engine', 'script.cjs')];

/** Loaded from node_modules: native addons and what belongs to them, WebAssembly, and a client that few need. */
const external = ['esbuild', 'sharp', 'typescript', 'fsevents', '@viz-js/viz', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'];

/** Packages that not every command needs. */
const scripts = ['@sinclair/typebox', 'acorn', 'ajv', 'chokidar', 'execa', 'log-update'];

/** @typedef {{cli: string, packages: Record<string, string>, worker: string, checker: string}} Compiled files */

/** @returns {Promise<Compiled>} */
export async function compileCommandLine() {
	return madeFromFiles(path.join(folder, 'cli.json'), compile);
}

async function compile() {
	const [commandLine, processes] = await Promise.all([
		bundle({cli: 'cli/main.ts', ...Object.fromEntries(scripts.map(name => [entryOf(name), name]))}, {...scriptOptions, external: [...external, ...scripts], plugins: [loadersOwn()], outExtension: {'.js': '.cjs'}}),
		bundle({worker: 'engine/worker.ts', checker: 'engine/type-checker-process.ts'}, {
			format: 'esm',
			outExtension: {'.js': '.mjs'},
			// Bundled CommonJS packages ask for Node's modules by require.
			banner: {js: 'import {createRequire as __createRequire} from "node:module"; const require = __createRequire(import.meta.url);'},
		}),
	]);
	const outputFiles = [...commandLine.outputFiles, ...processes.outputFiles];
	removeOld();
	for (const {path: file, contents} of outputFiles) {
		writeAtomically(file, contents);
	}

	/** @param {string} name */
	const fileOf = name => outputFiles.find(({path: file}) => path.basename(file).startsWith(`${name}-`))?.path ?? '';
	const inputs = [commandLine, processes].flatMap(({metafile}) => Object.keys(metafile.inputs)).filter(input => !input.startsWith('loader:'));
	const packages = Object.fromEntries(scripts.map(name => [name, fileOf(entryOf(name))]));
	return {files: [...watchedFiles(root, inputs), ...compilerFiles], value: {cli: fileOf('cli'), packages, worker: fileOf('worker'), checker: fileOf('checker')}};
}

/** Removes what was compiled from sources of long ago; a process that still runs may use what is younger. */
function removeOld() {
	const oldestMs = Date.now() - (7 * 24 * 60 * 60 * 1000);
	for (const entry of existsSync(folder) ? readdirSync(folder, {withFileTypes: true}) : []) {
		const file = path.join(folder, entry.name);
		if (entry.isFile() && (statSync(file, {throwIfNoEntry: false})?.mtimeMs ?? oldestMs) < oldestMs) {
			rmSync(file, {force: true});
		}
	}
}

/** @param {string} name of a package */
function entryOf(name) {
	return name.replaceAll('/', '+');
}

/**
 * @param {Record<string, string>} entryPoints
 * @param {Pick<import('esbuild').BuildOptions, 'format' | 'supported' | 'define' | 'external' | 'plugins' | 'outExtension' | 'banner'>} options
 */
async function bundle(entryPoints, options) {
	const {build} = await import('esbuild');
	return build({
		absWorkingDir: root,
		entryPoints,
		outdir: folder,
		entryNames: '[name]-[hash]',
		bundle: true,
		platform: 'node',
		target: 'node20',
		external,
		metafile: true,
		minifySyntax: true,
		minifyWhitespace: true,
		write: false,
		logLevel: 'silent',
		...options,
	});
}
