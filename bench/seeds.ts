/**
 * Runs the experiment once per seed and prints the tables of docs/results.md: mean ± standard deviation, then every seed.
 *
 *     npx tsx bench/seeds.ts [--params FILE] [--set path=value]… [--seeds 0,1,2] [--cache FOLDER]
 */
import path from 'node:path';
import process from 'node:process';
import {parseArgs} from 'node:util';
import {execa} from 'execa';
import type {Table} from '../artifacts/table.ts';
import {formatCell, headerOf, signedText} from '../reporting/cell.ts';

const {values} = parseArgs({options: {params: {type: 'string', default: 'params.json'}, set: {type: 'string', multiple: true, default: []}, seeds: {type: 'string', default: '0,1,2'}, cache: {type: 'string', default: 'cache'}}});
const seeds = values.seeds.split(',');
const tables: Table[] = [];
for (const seed of seeds) {
	const common = ['--params', values.params, ...values.set.flatMap(override => ['--set', override]), '--set', `seed=${seed}`, '--cache', values.cache];
	process.stderr.write(`seed ${seed}\n`);
	await execa('node', ['bin/pipeline.cjs', 'run', ...common, '--reports', path.join('reports', `seed-${seed}`)], {stdout: 'ignore', stderr: 'inherit'});
	const {stdout} = await execa('node', ['bin/pipeline.cjs', 'show', 'comparison.table', '--json', ...common]);
	const {digest} = JSON.parse(stdout) as {digest: string};
	const file = path.join('reports', `seed-${seed}`, 'table.json');
	await execa('node', ['bin/pipeline.cjs', 'show', digest, '--to', file, ...common]);
	const {default: table} = await import(path.resolve(file), {with: {type: 'json'}}) as {default: Table};
	tables.push(table);
}

const [{columns, rows}] = tables as [Table, ...Table[]];
const header = ['variant', 'α', ...columns.slice(2).map(column => headerOf(column))];
print(header, rows.map((row, index) => [String(row[0]), signedText(Number(row[1])), ...columns.slice(2).map((column, offset) => {
	const numbers = tables.map(table => Number(table.rows[index]![offset + 2]));
	const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
	const deviation = Math.sqrt(numbers.reduce((sum, value) => sum + ((value - mean) ** 2), 0) / Math.max(1, numbers.length - 1));
	return `${formatCell(mean, column)}±${formatCell(deviation, column)}`;
})]));
process.stdout.write('\n');
print(['seed', ...header], tables.flatMap((table, index) => table.rows.map(row => [seeds[index]!, ...row.map((cell, column) => formatCell(cell, columns[column]!))])));

function print(head: readonly string[], body: ReadonlyArray<readonly string[]>): void {
	process.stdout.write(`| ${head.join(' | ')} |\n|${head.map(() => '---').join('|')}|\n`);
	for (const row of body) {
		process.stdout.write(`| ${row.join(' | ')} |\n`);
	}
}
