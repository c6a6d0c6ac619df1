#!/usr/bin/env node
/** Compiles the command line when its sources changed, then runs it. */
'use strict';
const nodeModule = require('node:module');
const path = require('node:path');
const process = require('node:process');
const {unchangedValue} = require('../engine/bundle.cjs');

const folder = path.join(__dirname, '../node_modules/.cache/pipeline');

async function start() {
	// Node 22 and newer can keep compiled code and start faster.
	/** @type {{enableCompileCache?: (folder: string) => unknown}} */ (nodeModule).enableCompileCache?.(path.join(folder, 'v8'));
	try {
		const {startScript} = require('../engine/script.cjs');
		const compiled = unchangedValue(path.join(folder, 'cli.json')) ?? await (await import('./compile.js')).compileCommandLine();
		const {cli, packages, worker, checker} = /** @type {import('./compile.js').Compiled} */ (compiled);
		const {main} = await startScript(cli, packages);
		const exitCode = await main(process.argv.slice(2), {workerFile: worker, checkerFile: checker});
		await Promise.all([process.stdout, process.stderr].map(async stream => new Promise(resolve => {
			stream.write('', resolve);
		})));
		// Everything has ended; Node would take its time to find that out.
		process.exit(exitCode);
	} catch (error) {
		const {code, message} = /** @type {NodeJS.ErrnoException} */ (error);
		if (code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND') {
			console.error(`${message.split(/ imported from|\n/)[0]}.\nInstall what is missing first: npm install (npm start and npm test do it by themselves).`);
		} else {
			console.error(error);
		}

		process.exitCode = 1;
	}
}

start();
