import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import type Database from 'better-sqlite3';
import {openSqlite, sqlitePackage} from '../../engine/sqlite.ts';
import type {Finding, Site} from './finding.ts';

type Manifest = {
	/** Folder of the package.json. */
	readonly folder: string;
	readonly engines?: {readonly node?: string};
	readonly dependencies?: Readonly<Record<string, string>>;
};

type Locked = {readonly version?: string; readonly optional?: boolean; readonly dev?: boolean; readonly link?: boolean};

/** How many names fit on a line. */
const namesShown = 4;

/** Loading the largest library takes seconds on a slow disk. */
const loadTimeoutMs = 120_000;

/** The nearest package.json at or above a file. */
export function readManifest(file: string): Manifest | undefined {
	for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
		if (existsSync(path.join(folder, 'package.json'))) {
			return {...JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as object, folder};
		}

		if (folder === path.dirname(folder)) {
			return undefined;
		}
	}
}

/** Whether what is installed is what the lock file says. */
export function installed({pipelineFile}: Pick<Site, 'pipelineFile'>): readonly Finding[] {
	const check = 'npm packages';
	const folder = readManifest(pipelineFile)?.folder;
	if (folder === undefined || !existsSync(path.join(folder, 'package-lock.json'))) {
		return [{check, status: 'note', found: 'not compared: there is no package-lock.json'}];
	}

	const {packages} = JSON.parse(readFileSync(path.join(folder, 'package-lock.json'), 'utf8')) as {packages: Readonly<Record<string, Locked>>};
	const locked = Object.entries(packages).filter(([name, {link}]) => name !== '' && !link);
	const compared = locked.map(([name, {version, optional, dev}]) => ({name: name.replace(/^node_modules\//, ''), version, isNeeded: !optional, isDev: dev ?? false, found: versionIn(path.join(folder, name))}));
	const missing = compared.filter(({found, isNeeded, isDev}) => found === undefined && isNeeded && !isDev);
	const missingTools = compared.filter(({found, isNeeded, isDev}) => found === undefined && isNeeded && isDev);
	const others = compared.filter(({version, found}) => found !== undefined && found !== version);
	const hint = `Run npm install in ${folder}.`;
	if (missing.length > 0) {
		return [{check, status: 'problem', found: `${missing.length} of package-lock.json are missing: ${list(missing.map(({name}) => name))}`, hint}];
	}

	if (others.length > 0) {
		return [{check, status: 'warning', found: `${others.length} differ from package-lock.json: ${list(others.map(({name, version, found}) => `${name} ${found} instead of ${version}`))}`, hint}];
	}

	const absent = missingTools.length > 0 ? `, without ${missingTools.length} that only development needs` : '';
	return [{check, status: 'ok', found: `${compared.filter(({found}) => found !== undefined).length} installed as in package-lock.json${absent}`}];
}

function versionIn(folder: string): string | undefined {
	const file = path.join(folder, 'package.json');
	return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as {version?: string}).version ?? 'unknown' : undefined;
}

function list(names: readonly string[]): string {
	return names.slice(0, namesShown).join(', ') + (names.length > namesShown ? ` and ${names.length - namesShown} more` : '');
}

/** The database library is a native module. */
export function sqlite(): readonly Finding[] {
	try {
		using database = disposable(openSqlite(':memory:'));
		const {version} = database.value.prepare('SELECT sqlite_version() AS version').get() as {version: string};
		return [{check: 'better-sqlite3', status: 'ok', found: `loads, SQLite ${version}`}];
	} catch (error) {
		const {message, hint} = error as Error & {hint?: string};
		const usual = sqlitePackage === 'better-sqlite3' ? 'Install the packages again: npm install' : `Build it for this version of Node.js: npm rebuild ${sqlitePackage}`;
		return [{check: 'better-sqlite3', status: 'problem', found: `does not load: ${firstLine(message)}`, hint: hint ?? usual}];
	}
}

function disposable(value: Database.Database) {
	return {
		value,
		[Symbol.dispose]() {
			value.close();
		},
	};
}

/** Imports every package that package.json names, in a process of its own: a native module may take its process with it. */
export async function loading({pipelineFile}: Pick<Site, 'pipelineFile'>): Promise<readonly Finding[]> {
	const check = 'loading packages';
	const manifest = readManifest(pipelineFile);
	const names = Object.keys(manifest?.dependencies ?? {});
	if (!manifest || names.length === 0) {
		return [{check, status: 'note', found: 'package.json names none'}];
	}

	const {errors, last, signal} = await importAll(names, manifest.folder);
	const findings = Object.entries(errors).map(([name, message]): Finding => ({check: `loading ${name}`, status: 'problem', found: firstLine(message), hint: `Install it again: npm rebuild ${name}, or npm install`}));
	if (last !== undefined) {
		findings.push({check: `loading ${last}`, status: 'problem', found: `ended the process (${signal ?? 'without a signal'})`, hint: `Install it again: npm rebuild ${last}, or npm install`});
	}

	return findings.length > 0 ? findings : [{check, status: 'ok', found: `all ${names.length} of package.json load`}];
}

type Imports = {readonly errors: Readonly<Record<string, string>>; readonly last: string | undefined; readonly signal: string | null};

/** Says on a line of its own before and after which package it imports. */
const importer = `
	for (const name of process.argv.slice(1)) {
		process.send({name});
		try {
			await import(name);
			process.send({name, done: true});
		} catch (error) {
			process.send({name, done: true, error: String(error?.message ?? error)});
		}
	}
	process.disconnect();
	process.exit(0);
`;

async function importAll(names: readonly string[], folder: string): Promise<Imports> {
	// Loaded here, because every command loads this file.
	const {spawn} = await import('node:child_process');
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, ['--input-type=module', '--eval', importer, ...names], {cwd: folder, stdio: ['ignore', 'ignore', 'ignore', 'ipc'], timeout: loadTimeoutMs});
		const errors: Record<string, string> = {};
		let last: string | undefined;
		child.on('message', ({name, done, error}: {name: string; done?: boolean; error?: string}) => {
			last = done ? undefined : name;
			if (error !== undefined) {
				errors[name] = error;
			}
		});
		child.on('error', reject);
		child.on('close', (_, signal) => {
			resolve({errors, last, signal});
		});
	});
}

function firstLine(text: string): string {
	return text.split('\n')[0]!;
}
