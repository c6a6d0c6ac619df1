import {backends} from './backends.ts';
import {damagedObjects, database, leftovers} from './cache.ts';
import {clock, disk, writable} from './disk.ts';
import type {Check} from './finding.ts';
import {gpu, machine, nodeVersion, repository} from './machine.ts';
import {installed, loading, sqlite} from './packages.ts';
import {compiledCode, pipeline} from './project.ts';

/** Everything the doctor looks at, in the order in which it is shown. The name is that of the finding when the check itself fails. */
export const checks: readonly Check[] = [
	{name: 'Node.js', look: site => nodeVersion(site)},
	{name: 'machine', look: machine},
	{name: 'GPU', look: gpu},
	{name: 'npm packages', look: installed},
	{name: 'loading packages', look: loading},
	{name: 'better-sqlite3', look: sqlite},
	{name: 'git', look: repository},
	{name: 'compiled code', look: compiledCode},
	{name: 'pipeline', look: pipeline},
	{name: 'backends', look: backends},
	{name: 'cache folder', look: writable},
	{name: 'disk space', look: disk},
	{name: 'clock', look: clock},
	{name: 'database', look: database},
	{name: 'damaged objects', look: damagedObjects},
	{name: 'temporary folders', look: leftovers},
];
