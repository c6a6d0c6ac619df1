/** Compiles the command line and the worker when their sources changed. */
import path from 'node:path';
import {fileURLToPath} from 'node:url';
import {madeFromFiles, watchedFiles, writeAtomically} from '../engine/bundle.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = path.join(root, 'node_modules', '.cache', 'pipeline');

/** Loaded from node_modules: native addons and what belongs to one, WebAssembly, and a client that few need. */
const external = ['better-sqlite3', 'esbuild', 'sharp', 'typescript', 'fsevents', '@viz-js/viz', '@aws-sdk/client-s3', '@aws-sdk/lib-storage'];

/** @returns {Promise<{cli: string, worker: string, checker: string}>} the compiled modules */
export async function compileCommandLine() {
	return madeFromFiles(path.join(folder, 'cli.json'), compile);
}

async function compile() {
	const [commandLine, processes] = await Promise.all([
		// What is imported when it is needed becomes a file of its own.
		bundle({cli: 'cli/main.ts'}, {splitting: true}),
		// One file each: a worker knows its own calls by the file they come from.
		bundle({worker: 'engine/worker.ts', checker: 'engine/type-checker-process.ts'}, {splitting: false}),
	]);
	const outputFiles = [...commandLine.outputFiles, ...processes.outputFiles];
	for (const {path: file, contents} of outputFiles) {
		writeAtomically(file, contents);
	}

	/** @param {string} name */
	const fileOf = name => outputFiles.find(({path: file}) => path.basename(file).startsWith(`${name}-`))?.path ?? '';
	const inputs = [commandLine, processes].flatMap(({metafile}) => Object.keys(metafile.inputs));
	return {files: [...watchedFiles(root, inputs), fileURLToPath(import.meta.url)], value: {cli: fileOf('cli'), worker: fileOf('worker'), checker: fileOf('checker')}};
}

/**
 * @param {Record<string, string>} entryPoints
 * @param {{splitting: boolean}} options
 */
async function bundle(entryPoints, {splitting}) {
	const {build} = await import('esbuild');
	return build({
		absWorkingDir: root,
		entryPoints,
		outdir: folder,
		entryNames: '[name]-[hash]',
		chunkNames: 'chunk-[hash]',
		splitting,
		outExtension: {'.js': '.mjs'},
		bundle: true,
		platform: 'node',
		format: 'esm',
		target: 'node20',
		external,
		// Bundled CommonJS packages ask for Node's modules by require.
		banner: {js: 'import {createRequire as __createRequire} from "node:module"; const require = __createRequire(import.meta.url);'},
		metafile: true,
		minifySyntax: true,
		minifyWhitespace: true,
		write: false,
		logLevel: 'silent',
	});
}
