#!/usr/bin/env node
/** Compiles the command line when its sources changed, then runs it. */
import nodeModule from 'node:module';
import path from 'node:path';
import process from 'node:process';
import {pathToFileURL} from 'node:url';
import {compileCommandLine} from './compile.js';

// Node 22 and newer can keep compiled code and start faster.
/** @type {{enableCompileCache?: (folder: string) => unknown}} */ (nodeModule).enableCompileCache?.(path.join(import.meta.dirname, '../node_modules/.cache/pipeline/v8'));
try {
	const {cli, worker, checker} = await compileCommandLine();
	const {main} = await import(pathToFileURL(cli).href);
	process.exitCode = await main(process.argv.slice(2), {workerFile: worker, checkerFile: checker});
} catch (error) {
	const {code, message} = /** @type {NodeJS.ErrnoException} */ (error);
	if (code === 'ERR_MODULE_NOT_FOUND') {
		console.error(`${message.split(' imported from')[0]}.\nInstall what is missing first: npm install (npm start and npm test do it by themselves).`);
	} else {
		console.error(error);
	}

	process.exitCode = 1;
}
