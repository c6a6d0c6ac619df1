import {Buffer} from 'node:buffer';
import {existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import test, {type ExecutionContext} from 'ava';
import {execa} from 'execa';
import {build} from 'esbuild';
import {loadersOwn, scriptOptions} from '../../engine/script.cjs';

const loader = path.join(import.meta.dirname, '../../engine/script.cjs');

function makeFolder(t: ExecutionContext): string {
	const folder = mkdtempSync(path.join(tmpdir(), 'script-'));
	t.teardown(() => {
		rmSync(folder, {recursive: true, force: true});
	});
	return folder;
}

/** Writes a script and gives what its function `main` prints, in a process of its own. */
function scriptOf(t: ExecutionContext, source: string) {
	const folder = makeFolder(t);
	const file = path.join(folder, 'script.cjs');
	writeFileSync(file, source);
	return {
		file,
		bytecodeFile: `${file}.v8`,
		async print(packages: Readonly<Record<string, string>> = {}): Promise<string> {
			const {stdout} = await execa(process.execPath, ['-e', 'require(process.argv[1]).startScript(process.argv[2], JSON.parse(process.argv[3])).then(async ({main}) => console.log(await main()))', loader, file, JSON.stringify(packages)]);
			return stdout;
		},
	};
}

test('a script runs with its own place, and with the hasher of its loader', async t => {
	const {file, print} = scriptOf(t, 'exports.main = async () => JSON.stringify([__filename, __dirname, __url, typeof require("node:fs").readFileSync, __host.hasher.h32(""), typeof (await __host.importModule("node:path")).join]);');
	const [name, folder, url, ...rest] = JSON.parse(await print()) as string[];
	t.is(name, file);
	t.is(folder, path.dirname(file));
	t.is(url, `file://${file}`);
	t.deepEqual(rest, ['function', 0x02_CC_5D_05, 'function'] as unknown as string[]);
});

test('bytecode is kept, used, and made again when it is damaged', async t => {
	const {bytecodeFile, print} = scriptOf(t, 'exports.main = () => [1, 2, 3].map(value => value * 2).join();');
	t.is(await print(), '2,4,6');
	const kept = readFileSync(bytecodeFile);
	t.is(await print(), '2,4,6');
	t.deepEqual(readFileSync(bytecodeFile), kept, 'what is good is not written again');
	for (const damaged of [kept.subarray(0, kept.length / 2), Buffer.alloc(0), Buffer.from(kept).fill(7, 100, 120)]) {
		writeFileSync(bytecodeFile, damaged);
		t.is(await print(), '2,4,6');
		t.is(readFileSync(bytecodeFile).length, kept.length);
	}
});

test('bytecode of another version of V8 is not used', async t => {
	const {file, bytecodeFile, print} = scriptOf(t, 'exports.main = () => "right";');
	// The flags of V8 are part of what it compares.
	await execa(process.execPath, ['--no-opt', '-e', 'require(process.argv[1]).startScript(process.argv[2])', loader, file]);
	const foreign = readFileSync(bytecodeFile);
	t.is(await print(), 'right');
	t.notDeepEqual(readFileSync(bytecodeFile), foreign);
});

test('a package that is a script of its own is loaded when it is used', async t => {
	const folder = makeFolder(t);
	writeFileSync(path.join(folder, 'entry.js'), 'import {double} from "later"; export const main = () => [globalThis.isLoaded ?? false, double(4), globalThis.isLoaded].join(" ");');
	const {outputFiles: [entry]} = await build({...scriptOptions, entryPoints: [path.join(folder, 'entry.js')], bundle: true, write: false, external: ['later'], plugins: [loadersOwn()]});
	const later = path.join(folder, 'later.cjs');
	writeFileSync(later, 'globalThis.isLoaded = true; exports.double = value => value * 2;');
	const {print} = scriptOf(t, entry!.text);
	t.is(await print({later}), 'false 8 true');
	t.true(existsSync(`${later}.v8`));
});
