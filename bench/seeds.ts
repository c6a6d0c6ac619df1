/**
 * Runs a study once per seed and prints its tables in Markdown: mean ± sample standard deviation over the seeds, and in how many of them the attack moved
 * where the paper says. With `--into`, writes them between the markers of that file, which are named after the params file, instead.
 *
 *     npx tsx bench/seeds.ts [--seeds 0,1,2] [--params presets/study.json] [--set path=value]… [--cache FOLDER] [--reports FOLDER] [--into docs/results.md]
 */
import {readFileSync, writeFileSync} from 'node:fs';
import {cpus} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {parseArgs} from 'node:util';
import {tableMarkdown, withSections} from './seeds/markdown.ts';
import {studySections} from './seeds/sections.ts';
import {runStudy, type SeedStudy} from './seeds/study.ts';

const {values} = parseArgs({options: {
	seeds: {type: 'string', default: '0,1,2'},
	params: {type: 'string', default: 'presets/study.json'},
	set: {type: 'string', multiple: true, default: []},
	cache: {type: 'string', default: 'cache'},
	reports: {type: 'string', default: 'reports/seeds'},
	into: {type: 'string'},
}});

const options = {
	paramsFile: path.resolve(values.params),
	overrides: values.set.map(text => override(text)),
	cacheFolder: path.resolve(values.cache),
	reportsFolder: path.resolve(values.reports),
};
const studies: SeedStudy[] = [];
for (const seed of values.seeds.split(',')) {
	process.stderr.write(`seed ${seed}\n`);
	studies.push(await runStudy(Number(seed), options));
}

const sections = new Map([
	['machine', `Seeds ${studies.map(({seed}) => seed).join(', ')}; ${cpus().length} cores, ${cpus()[0]?.model ?? 'unknown processor'}; Node ${process.versions.node}; backend ${[...new Set(studies.map(({backend}) => backend))].join(', ')}.`],
	...[...studySections(studies)].map(([name, tables]) => [name, tables.map(table => `*${table.title}*\n\n${tableMarkdown(table)}`).join('\n\n')] as const),
]);

if (values.into === undefined) {
	process.stdout.write([...sections].map(([name, text]) => `## ${name}\n\n${text}\n`).join('\n'));
} else {
	writeFileSync(values.into, withSections(readFileSync(values.into, 'utf8'), path.basename(values.params, '.json'), sections));
}

/** A value is JSON where it is JSON, so that numbers are numbers; a text otherwise. */
function override(text: string): readonly [path: string, value: unknown] {
	const [key = '', ...rest] = text.split('=');
	const value = rest.join('=');
	try {
		return [key, JSON.parse(value) as unknown];
	} catch {
		return [key, value];
	}
}
