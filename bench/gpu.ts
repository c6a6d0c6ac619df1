/**
 * Packs bench/gpu/run.ts with what it needs into one folder for this platform, which can be copied to a machine with a GPU and without network:
 *
 *     npm run bench:gpu [-- --to FOLDER] [--with-node]
 *
 * There, `sh run.sh` runs it. `--with-node` packs this Node too, for machines that have none.
 */
import {chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import process from 'node:process';
import {parseArgs} from 'node:util';
import {gzipSync} from 'node:zlib';
import {build} from 'esbuild';
import {packageFolder} from '../engine/installed.ts';

const largestBytes = 64e6;
const core = '@tensorflow/tfjs-core';
const kernels = '@tensorflow/tfjs-backend-webgpu';

const {values: {to, 'with-node': withNode}} = parseArgs({options: {to: {type: 'string', default: 'reports/bench-gpu'}, 'with-node': {type: 'boolean', default: false}}});
const folder = path.resolve(to);
const source = path.join(import.meta.dirname, 'gpu');
if (existsSync(folder) && readdirSync(folder).length > 0 && !existsSync(path.join(folder, 'torch_steps.py'))) {
	process.stderr.write(`${folder} holds something else; name another folder with --to.\n`);
	process.exit(1);
}

rmSync(folder, {recursive: true, force: true});
mkdirSync(folder, {recursive: true});

// One TensorFlow.js for both: our code and the kernels find it as a package.
await bundle(path.join(source, 'run.ts'), 'run.cjs', [core, '@tensorflow/tfjs-backend-cpu', '@tensorflow/tfjs-backend-wasm']);
await bundle(createRequire(import.meta.url).resolve(core), `node_modules/${core}/index.cjs`, []);
await bundle(path.join(installed(kernels), 'dist/tf-backend-webgpu.node.js'), `node_modules/${kernels}/index.cjs`, [core]);
for (const name of [core, kernels]) {
	writeFileSync(path.join(folder, 'node_modules', name, 'package.json'), `${JSON.stringify({name, version: versionOf(name), main: 'index.cjs'})}\n`);
}

const dawn = installed('webgpu');
for (const part of ['index.js', 'package.json', 'LICENSE.md', `dist/${process.platform}-${process.platform === 'darwin' ? 'universal' : process.arch}`]) {
	cpSync(path.join(dawn, part), path.join(folder, 'node_modules/webgpu', part), {recursive: true});
}

cpSync(path.join(source, 'torch_steps.py'), path.join(folder, 'torch_steps.py'));
cpSync(path.join(source, 'run.sh'), path.join(folder, 'run.sh'));
chmodSync(path.join(folder, 'run.sh'), 0o755);
if (withNode) {
	writeFileSync(path.join(folder, 'node.gz'), gzipSync(readFileSync(process.execPath), {level: 9}));
}

const bytes = sizeOf(folder);
process.stdout.write(`${folder}: ${(bytes / 1e6).toFixed(1)} MB, for ${process.platform} ${process.arch}${withNode ? ` with Node ${process.version}` : ''}; run it with: sh run.sh\n`);
if (bytes > largestBytes) {
	process.stderr.write(`That is more than ${largestBytes / 1e6} MB${withNode ? '; leave out --with-node' : ''}.\n`);
	process.exitCode = 1;
}

async function bundle(entry: string, name: string, external: string[]): Promise<void> {
	await build({
		entryPoints: [entry],
		outfile: path.join(folder, name),
		bundle: true,
		minify: true,
		// Programs go by the names of their classes in profiles.
		keepNames: true,
		platform: 'node',
		format: 'cjs',
		target: 'node20',
		external,
		define: {'import.meta.url': 'moduleUrl', 'import.meta.dirname': '__dirname'},
		banner: {js: 'const moduleUrl = require("node:url").pathToFileURL(__filename).href;'},
		logLevel: 'error',
	});
}

function installed(name: string): string {
	const found = packageFolder(name, import.meta.dirname);
	if (found === undefined) {
		process.stderr.write(`${name} is not there: npm run native -- --webgpu\n`);
		process.exit(1);
	}

	return found;
}

function versionOf(name: string): string {
	return (JSON.parse(readFileSync(path.join(installed(name), 'package.json'), 'utf8')) as {version: string}).version;
}

function sizeOf(place: string): number {
	return readdirSync(place, {recursive: true, withFileTypes: true}).filter(entry => entry.isFile()).reduce((sum, entry) => sum + statSync(path.join(entry.parentPath, entry.name)).size, 0);
}
