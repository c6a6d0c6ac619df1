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
	const file = await madeFromFiles(path.join(folder, 'cli.json'), async () => {
		const {build} = await import('esbuild');
		const {metafile, outputFiles} = await build({
			absWorkingDir: root,
			entryPoints: ['cli/main.ts'],
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
		const output = path.join(folder, `cli-${process.pid}-${Date.now()}.mjs`);
		writeAtomically(output, outputFiles[0].contents);
		return {files: Object.keys(metafile.inputs).map(input => path.join(root, input)), value: output};
	});
	const {main} = await import(pathToFileURL(file).href);
	process.exitCode = await main(process.argv.slice(2));
} catch (error) {
	if (error?.code === 'ERR_MODULE_NOT_FOUND') {
		console.error(`${error.message.split(' imported from')[0]}.\nInstall what is missing first: npm install (npm start and npm test do it by themselves).`);
	} else {
		console.error(error);
	}

	process.exitCode = 1;
}
