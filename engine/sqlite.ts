import type {Buffer} from 'node:buffer';
import {existsSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import process from 'node:process';
import Current from 'better-sqlite3';
import {UserError} from './error.ts';

/**
 * Name of the package for this version of Node. `better-sqlite3` 13 brings its addon along and needs version 10 of Node-API, which Node 20 lacks; 12 is compiled for one version of Node,
 * and Node 24.19 and newer abort when one of its statements is collected.
 */
export const sqlitePackage = Number(process.versions.napi) >= 10 ? 'better-sqlite3' : 'better-sqlite3-12';

const load = createRequire(import.meta.url);

/**
 * Opens a database, making it when it is missing; bytes of one are opened in memory.
 * @throws {UserError} when the package is not installed or was not compiled
 */
export function openSqlite(source: string | Buffer, options: Current.Options = {}): Current.Database {
	const folder = packageFolder();
	if (sqlitePackage === 'better-sqlite3') {
		// It would look for its addon from the file that its code is in, which is another one once the engine is bundled.
		const {getBinding} = load(path.join(folder, 'lib', 'binding.js')) as {getBinding(): unknown};
		// The addon itself will do, which the types leave out.
		return new Current(source, {...options, nativeBinding: getBinding() as string});
	}

	const addon = path.join(folder, 'build', 'Release', 'better_sqlite3.node');
	if (!existsSync(addon)) {
		throw new UserError('sqlite-missing', 'The database library was not compiled', {facts: {file: addon}, hint: `Compile it: npm rebuild ${sqlitePackage}. Node 22 and newer need not compile it.`});
	}

	// Loaded where it is needed alone: newer versions of Node do without the package.
	const Compiled = load(sqlitePackage) as typeof Current;
	return new Compiled(source, {...options, nativeBinding: addon});
}

function packageFolder(): string {
	try {
		return path.dirname(load.resolve(`${sqlitePackage}/package.json`));
	} catch {
		throw new UserError('sqlite-missing', `The package "${sqlitePackage}" is not installed`, {hint: 'Install it: npm install (npm start and npm test do it by themselves).'});
	}
}
