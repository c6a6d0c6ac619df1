/**
 * Our engine beside its peers, on the same layered DAG, by turns in one run: nothing to do, one leaf changed, and a cold run. Prints Markdown tables.
 *
 *     npx tsx bench/peers.ts [--sizes 10,100,1000,10000] [--peers ours,ninja,…] [--runs 5] [--cold-runs 3] [--limit 120] [--cold-limit 600]
 *                            [--jobs 2] [--home FOLDER] [--results FOLDER] [--resume]
 *
 * Limits are seconds of one run; a peer over a limit takes no part in larger sizes. `--resume` takes the sizes that are already in the folder of results.
 */
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs';
import {availableParallelism, cpus, tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {parseArgs} from 'node:util';
import {peers as known} from './peers/index.ts';
import {kinds, type SizeResult} from './peers/result.ts';
import {measureSize, versionOf} from './peers/round.ts';
import {sizeTable} from './peers/table.ts';

const {values} = parseArgs({options: {
	sizes: {type: 'string', default: '10,100,1000,10000'},
	peers: {type: 'string', default: known.map(({name}) => name).join(',')},
	runs: {type: 'string', default: '5'},
	'cold-runs': {type: 'string', default: '3'},
	limit: {type: 'string', default: '120'},
	'cold-limit': {type: 'string', default: '600'},
	jobs: {type: 'string', default: String(availableParallelism())},
	home: {type: 'string', default: process.env.PEERS_HOME ?? path.join(tmpdir(), 'peers')},
	results: {type: 'string', default: path.join('reports', 'bench-peers')},
	resume: {type: 'boolean', default: false},
}});

const wanted = values.peers.split(',').map(name => known.find(peer => peer.name === name) ?? fail(`There is no peer "${name}". All of them: ${known.map(peer => peer.name).join(', ')}`));
const options = {
	home: path.resolve(values.home),
	jobs: count('jobs'),
	runs: count('runs'),
	coldRuns: count('cold-runs'),
	limitMs: 1000 * count('limit'),
	coldLimitMs: 1000 * count('cold-limit'),
	report: progress,
};
const versions = new Map(wanted.map(peer => [peer, versionOf(peer, options.home)]));
const installed = wanted.filter(peer => versions.get(peer) !== undefined);
mkdirSync(values.results, {recursive: true});
print(`${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} hardware threads, Node ${process.versions.node}, ${options.jobs} at a time, ${new Date().toISOString().slice(0, 10)}`);
print(`Versions: ${installed.map(peer => `${peer.title} ${versions.get(peer)}`).join(', ')}\n`);

/** Peer → why it takes no part any more. */
const out = new Map<string, string>();
for (const size of values.sizes.split(',')) {
	const nodes = Number(size);
	const file = path.join(values.results, `${size}.json`);
	const result = await measuredBefore(file) ?? await measureSize(nodes, installed.filter(({name}) => !out.has(name)), options);
	writeFileSync(file, JSON.stringify(result, undefined, '\t'));
	print(sizeTable(result, installed));
	for (const [name, measured] of Object.entries(result.peers)) {
		const kind = kinds.find(key => measured[key].problem !== undefined);
		if (kind) {
			out.set(name, `${measured[kind].problem} (${kind}, ${size} nodes)`);
		}
	}
}

for (const [name, reason] of out) {
	print(`- ${name} was not run at larger sizes: ${reason}`);
}

for (const {name} of wanted.filter(peer => !installed.includes(peer))) {
	print(`- ${name} is not installed: sh bench/install-peers.sh ${name.replace('-workspaces', '')}`);
}

async function measuredBefore(file: string): Promise<SizeResult | undefined> {
	if (!values.resume || !existsSync(file)) {
		return undefined;
	}

	progress(`${file} was measured before`);
	return JSON.parse(readFileSync(file, 'utf8')) as SizeResult;
}

function count(name: 'jobs' | 'runs' | 'cold-runs' | 'limit' | 'cold-limit'): number {
	const value = Number(values[name]);
	return Number.isInteger(value) && value > 0 ? value : fail(`--${name} must be a whole number of at least 1, got "${values[name]}"`);
}

function fail(message: string): never {
	process.stderr.write(`${message}\n`);
	process.exit(2);
}

function print(text: string): void {
	process.stdout.write(`${text}\n`);
}

function progress(line: string): void {
	process.stderr.write(`${new Date().toISOString().slice(11, 19)}  ${line}\n`);
}
