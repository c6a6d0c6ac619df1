/** Installs the npm packages in two steps, because what has to be compiled takes minutes in which others need only the sources. */
import {spawn} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const modules = path.join(root, 'node_modules');
/** There from the first step to the end of the second one, also after a run that was interrupted. */
const unbuilt = path.join(modules, '.unbuilt');

/** Node-API below version 10 takes an older version of the database library, which is compiled; engine/sqlite.ts says the same. */
const isSqliteCompiled = Number(process.versions.napi) < 10;

/** Whether the first step is needed: packages are missing or older than the lock file. */
function arePackagesMissing() {
	const lock = packagesOf('package-lock.json');
	const installed = packagesOf(path.join('node_modules', '.package-lock.json'));
	// Optional packages are for other platforms or installed by hand; the rest must be there in the version of the lock file.
	return Object.entries(lock).some(([name, {optional, version}]) => name !== '' && !optional && installed[name]?.version !== version);
}

/** Fetches what is missing. Packages may then be read, but not all of them run. */
export async function fetchPackages() {
	const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
	if (major < 20 || (major === 20 && minor < 19)) {
		console.error(`Node 20.19 or newer is needed, this is ${process.versions.node}.`);
		process.exit(2);
	}

	if (arePackagesMissing()) {
		console.error(`Installing the npm packages${isSqliteCompiled ? ' (about three minutes where better-sqlite3 has to be compiled)' : ''} …`);
		// Not `npm ci`: it refuses a lock file without the packages of every platform, which not every registry has. `--no-save` leaves the lock file alone.
		mkdirSync(modules, {recursive: true});
		writeFileSync(unbuilt, '');
		// Of its warnings, Node 20 would get one for the database library that newer versions take.
		await npm(['install', '--ignore-scripts', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']);
	}
}

/** Compiles what fetched packages need. */
export async function buildPackages() {
	if (existsSync(unbuilt)) {
		await npm(['rebuild', ...(isSqliteCompiled ? [] : ['esbuild', 'sharp'])]);
		rmSync(unbuilt);
	}
}

/**
 * Runs npm with the terminal as its own; ends this process with it when it fails.
 * @param {readonly string[]} args
 * @returns {Promise<void>}
 */
export async function npm(args) {
	const child = spawn('npm', args, {cwd: root, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32'});
	// Where one of several fails, the others end with this process.
	process.once('exit', () => {
		child.kill();
	});
	const [status, signal] = await new Promise((resolve, reject) => {
		child.on('error', reject);
		child.on('exit', (...ending) => {
			resolve(ending);
		});
	});
	if (status !== 0) {
		process.exit(signal ? 130 : status);
	}
}

/**
 * @param {string} file
 * @returns {Record<string, {version?: string, optional?: boolean}>}
 */
function packagesOf(file) {
	const absolute = path.join(root, file);
	return existsSync(absolute) ? JSON.parse(readFileSync(absolute, 'utf8')).packages : {};
}
