#!/usr/bin/env node
/** Compiles the command line when its sources changed, then runs it. */
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath, pathToFileURL} from 'node:url';
import {madeFromFiles, writeAtomically} from '../engine/bundle.js';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const folder = path.join(root, 'node_modules', '.cache', 'pipeline');

/** Loaded from node_modules when needed: native addons, and what a run that has nothing to do never touches. */
const external = ['better-sqlite3', 'esbuild', 'execa', 'chokidar', 'log-update', 'acorn'];

try {
	const {cli, worker} = await madeFromFiles(path.join(folder, 'cli.json'), compile);
	const {main} = await import(pathToFileURL(cli).href);
	process.exitCode = await main(process.argv.slice(2), {workerFile: worker});
} catch (error) {
	const {code, message} = /** @type {NodeJS.ErrnoException} */ (error);
	if (code === 'ERR_MODULE_NOT_FOUND') {
		console.error(`${message.split(' imported from')[0]}.\nInstall what is missing first: npm install (npm start and npm test do it by themselves).`);
	} else {
		console.error(error);
	}

	process.exitCode = 1;
}

async function compile() {
	const {build} = await import('esbuild');
	const {metafile, outputFiles} = await build({
		absWorkingDir: root,
		entryPoints: {cli: 'cli/main.ts', worker: 'engine/worker.ts'},
		outdir: folder,
		entryNames: '[name]-[hash]',
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
	for (const {path: file, contents} of outputFiles) {
		writeAtomically(file, contents);
	}

	/** @param {string} name */
	const fileOf = name => outputFiles.find(({path: file}) => path.basename(file).startsWith(`${name}-`))?.path ?? '';
	return {files: Object.keys(metafile.inputs).map(input => path.join(root, input)), value: {cli: fileOf('cli'), worker: fileOf('worker')}};
}
