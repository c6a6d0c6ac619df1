import type {Buffer} from 'node:buffer';
import {createRequire} from 'node:module';
import path from 'node:path';
import process from 'node:process';
import Current from 'better-sqlite3';
import ForNode20 from 'better-sqlite3-12';

/**
 * Name of the package for this version of Node. `better-sqlite3` 13 brings its addon along and needs version 10 of Node-API, which Node 20 lacks; 12 is compiled for one version of Node,
 * and Node 24.19 and newer abort when one of its statements is collected.
 */
export const sqlitePackage = Number(process.versions.napi) >= 10 ? 'better-sqlite3' : 'better-sqlite3-12';

/** Opens a database, making it when it is missing; bytes of one are opened in memory. */
export function openSqlite(source: string | Buffer, options: Current.Options = {}): Current.Database {
	const Database = sqlitePackage === 'better-sqlite3' ? Current : ForNode20;
	return new Database(source, {...options, nativeBinding: addon() as string});
}

/** What is compiled of the package. The libraries would look for it from the file that their code is in, which is another one once the engine is bundled. */
function addon(): unknown {
	const load = createRequire(import.meta.url);
	const folder = path.dirname(load.resolve(`${sqlitePackage}/package.json`));
	return sqlitePackage === 'better-sqlite3'
		? (load(path.join(folder, 'lib', 'binding.js')) as {getBinding(): object}).getBinding()
		: path.join(folder, 'build', 'Release', 'better_sqlite3.node');
}
