/** An older version under another name has the types of the newer one. */
declare module 'better-sqlite3-12' {
	import Database = require('better-sqlite3'); // eslint-disable-line @typescript-eslint/no-require-imports -- as its types are exported

	export = Database;
}
