/** Installs the npm packages when they are missing or older than the lock file; does nothing otherwise. */
import {spawnSync} from 'node:child_process';
import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {fileURLToPath} from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
	console.error(`Node 20.19 or newer is needed, this is ${process.versions.node}.`);
	process.exit(2);
}

const lock = packagesOf('package-lock.json');
const installed = packagesOf(path.join('node_modules', '.package-lock.json'));
// Optional packages are for other platforms or installed by hand; the rest must be there in the version of the lock file.
const missing = Object.entries(lock).filter(([name, {optional, version}]) => name !== '' && !optional && installed[name]?.version !== version);
if (missing.length > 0) {
	console.error('Installing the npm packages (about two minutes where better-sqlite3 has to be compiled) …');
	// Not `npm ci`: it refuses a lock file without the packages of every platform, which not every registry has. `--no-save` leaves the lock file alone.
	const {status, signal} = spawnSync('npm', ['install', '--no-save', '--no-audit', '--no-fund'], {cwd: root, stdio: ['ignore', 'inherit', 'inherit'], shell: process.platform === 'win32'});
	process.exitCode = signal ? 130 : status ?? 1;
}

/**
 * @param {string} file
 * @returns {Record<string, {version?: string, optional?: boolean}>}
 */
function packagesOf(file) {
	const absolute = path.join(root, file);
	return existsSync(absolute) ? JSON.parse(readFileSync(absolute, 'utf8')).packages : {};
}
