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

/** @typedef {Pick<typeof import('./host.js'), 'hasher' | 'importModule'>} Host */

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
 * Lets a script use what its loader has loaded already: `host.js` and this file.
 * @returns {import('esbuild').Plugin}
 */
function loadersOwn() {
	return {
		name: 'loaders-own',
		setup(build) {
			build.onResolve({filter: /\/(?:host\.js|script\.cjs)$/}, () => ({path: 'host', namespace: 'loader'}));
			build.onLoad({filter: /./, namespace: 'loader'}, () => ({contents: 'module.exports = __host;', loader: 'js'}));
		},
	};
}

/** Modules of Node that load many others and are often not needed. */
const later = new Set(['child_process', 'node:child_process']);

/**
 * Loads and runs the script of the command line.
 * @param {string} file as for `runScript`
 * @param {Readonly<Record<string, string>>} packages npm package → its script, loaded when one of its exports is first used
 * @returns {Promise<any>} its exports
 */
async function startScript(file, packages = {}) {
	const host = {hasher: await xxhash(), importModule, ...module.exports};
	const requireOther = createRequire(file);
	return runScript(file, host, name => {
		const script = packages[name];
		if (script !== undefined) {
			return standIn(() => runScript(script, host, requireOther));
		}

		return later.has(name) ? standIn(() => requireOther(name)) : requireOther(name);
	});
}

/**
 * Runs a script.
 * @param {string} file named after its content: bytecode that was kept for another content would be taken for this one's
 * @param {Host} host
 * @param {(name: string) => unknown} requireModule
 * @returns {any} its exports
 */
function runScript(file, host, requireModule) {
	const source = readFileSync(file, 'utf8');
	const bytecodeFile = `${file}.v8`;
	const cachedData = readBytecode(bytecodeFile, host);
	const script = new vm.Script(`(function(${parameters.join(',')}){${source}\n})`, {filename: file, ...(cachedData && {cachedData})});
	if (!cachedData || script.cachedDataRejected) {
		keepInTheEnd(bytecodeFile, script, host);
	}

	const module = {exports: {}};
	script.runInThisContext()(module.exports, requireModule, module, host, pathToFileURL(file).href, file, path.dirname(file));
	return module.exports;
}

/**
 * What a script is called without its digest → its latest version, to be kept when the process ends: the functions that were called are compiled then.
 * @type {Map<string, () => readonly [file: string, bytecode: Buffer]>}
 */
const kept = new Map();

/**
 * @param {string} file
 * @param {vm.Script} script
 * @param {Host} host
 */
function keepInTheEnd(file, script, host) {
	if (kept.size === 0) {
		process.once('exit', () => {
			for (const [bytecodeFile, bytecode] of [...kept.values()].map(keep => keep())) {
				try {
					writeAtomically(bytecodeFile, Buffer.concat([digestOf(bytecode, host), bytecode]));
				} catch {
					// A folder that cannot be written costs milliseconds, not the run.
				}
			}
		});
	}

	kept.set(file.replace(/-[^-]*$/, ''), () => [file, script.createCachedData()]);
}

/**
 * Stands for the exports of a module, which is loaded when one of them is first used.
 * @param {() => any} load
 * @returns {unknown}
 */
function standIn(load) {
	/** @type {any} */
	let loaded;
	const exportsOf = () => {
		loaded ??= load();
		return loaded;
	};

	// Importers copy the own keys, of which there are none, and keep the prototype, which is this very proxy.
	/** @type {any} */
	const proxy = new Proxy({}, {
		get: (_, name) => (name === '__esModule' ? true : exportsOf()[name]),
		has: (_, name) => name in exportsOf(),
		getPrototypeOf: () => proxy,
	});
	return proxy;
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

module.exports = {scriptOptions, loadersOwn, startScript, runScript, standIn};
