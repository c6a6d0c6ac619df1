/**
 * Scripts: many modules compiled into one file, which is found and read faster, with V8's bytecode kept beside it, so that what was compiled
 * once is not compiled at every start. Plain CommonJS, as `bundle.cjs` is.
 */
'use strict';
const {Buffer} = require('node:buffer');
const {readFileSync} = require('node:fs');
const {createRequire} = require('node:module');
const path = require('node:path');
const process = require('node:process');
const {pathToFileURL} = require('node:url');
const vm = require('node:vm');
/** Its types describe the module, not what `require` gives. */
const xxhash = /** @type {typeof import('xxhash-wasm').default} */ (/** @type {unknown} */ (require('xxhash-wasm')));
const {writeAtomically} = require('./bundle.cjs');
const {standInFor} = require('./stand-in.cjs');

/** @typedef {typeof import('./host.js')} Host */

/** What a script is a function of. */
const parameters = ['exports', 'require', 'module', '__host', '__url', '__filename', '__dirname'];

/**
 * Options that make esbuild write a script.
 * @satisfies {import('esbuild').BuildOptions}
 */
const scriptOptions = /** @type {const} */ ({
	format: 'cjs',
	platform: 'node',
	target: 'node20',
	// A script cannot import, so packages outside it are required.
	supported: {'dynamic-import': false},
	define: {'import.meta.url': '__url', 'import.meta.filename': '__filename', 'import.meta.dirname': '__dirname'},
});

/**
 * Lets a script use what its loader gives: its own `host.js`, and packages that are scripts of their own, loaded when they are first used.
 * @param {readonly string[]} packages
 * @returns {import('esbuild').Plugin}
 */
function loaderOfScript(packages = []) {
	return {
		name: 'loader-of-script',
		setup(build) {
			build.onResolve({filter: /\/host\.js$/}, () => ({path: 'host', namespace: 'loader'}));
			build.onLoad({filter: /^host$/, namespace: 'loader'}, () => ({contents: 'module.exports = __host;', loader: 'js'}));
			build.onResolve({filter: /^[^./]/}, ({path: name, kind}) => (kind !== 'entry-point' && packages.includes(name) ? {path: name, namespace: 'script'} : undefined));
			build.onLoad({filter: /./, namespace: 'script'}, ({path: name}) => ({contents: standInFor(`__host.script(${JSON.stringify(name)})`), loader: 'js'}));
		},
	};
}

/**
 * Runs a script.
 * @param {string} file named after its content: bytecode that was kept for another content would be taken for this one's
 * @param {Readonly<Record<string, string>>} packages npm package → its script
 * @returns {Promise<any>} its exports
 */
async function loadScript(file, packages = {}) {
	const host = {hasher: await xxhash(), importModule, script: (/** @type {string} */ name) => run(packages[name] ?? name, host)};
	return run(file, host);
}

/**
 * @param {string} file
 * @param {Host} host
 * @returns {any}
 */
function run(file, host) {
	const source = readFileSync(file, 'utf8');
	const bytecodeFile = `${file}.v8`;
	const cachedData = readBytecode(bytecodeFile, host);
	const script = new vm.Script(`(function(${parameters.join(',')}){${source}\n})`, {filename: file, ...(cachedData && {cachedData})});
	if (!cachedData || script.cachedDataRejected) {
		// In the end, when the functions that were called are compiled.
		process.once('exit', () => {
			try {
				const bytecode = script.createCachedData();
				writeAtomically(bytecodeFile, Buffer.concat([digestOf(bytecode, host), bytecode]));
			} catch {
				// A folder that cannot be written costs milliseconds, not the run.
			}
		});
	}

	const module = {exports: {}};
	script.runInThisContext()(module.exports, createRequire(file), module, host, pathToFileURL(file).href, file, path.dirname(file));
	return module.exports;
}

const digestBytes = 8;

/**
 * @param {string} file
 * @param {Host} host
 * @returns {Buffer | undefined} nothing when there is none, or a damaged one, which V8 would run
 */
function readBytecode(file, host) {
	try {
		const bytes = readFileSync(file);
		const bytecode = bytes.subarray(digestBytes);
		return digestOf(bytecode, host).equals(bytes.subarray(0, digestBytes)) ? bytecode : undefined;
	} catch {
		return undefined;
	}
}

/**
 * @param {Uint8Array} bytes
 * @param {Host} host
 */
function digestOf(bytes, {hasher}) {
	const digest = Buffer.alloc(digestBytes);
	digest.writeBigUInt64LE(hasher.h64Raw(bytes));
	return digest;
}

/**
 * @param {string} specifier
 * @returns {Promise<unknown>}
 */
async function importModule(specifier) {
	return import(specifier);
}

module.exports = {scriptOptions, loaderOfScript, loadScript};
