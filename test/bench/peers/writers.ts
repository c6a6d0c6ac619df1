import path from 'node:path';
import test from 'ava';
import {layeredDag} from '../../../bench/layered-dag.ts';
import {peers} from '../../../bench/peers/index.ts';
import type {PeerProject} from '../../../bench/peers/peer.ts';

/** Node → what it reads: nodes and sources. */
type Edges = Record<string, readonly string[]>;
type Files = PeerProject['files'];

const dag = layeredDag(10);
const expected: Edges = Object.fromEntries(dag.nodes.map(({name, inputs, sources}) => [name, [...inputs.map(input => input.name), ...sources]]));
const written = new Map(peers.map(peer => [peer.name, peer.write(dag, {home: '/peers', jobs: 3, folder: '/project'})]));

/** The node or source that a file belongs to. */
function nameOf(file: string): string {
	return /(t\d{5})\/out\.txt$/.exec(file)?.[1] ?? /sources\/(\w+)\/text\.txt$/.exec(file)?.[1] ?? path.basename(file, '.txt');
}

function namesOf(files: string): string[] {
	return files.split(' ').filter(file => file !== '').map(file => nameOf(file));
}

/** What a shell command reads. */
function readBy(command: string): string[] {
	return namesOf(/^cksum (.*) > \S+$/.exec(command)![1]!);
}

function fromLines(text: string, line: RegExp): Edges {
	return Object.fromEntries([...text.matchAll(line)].map(({groups}) => [nameOf(groups!.output!), namesOf(groups!.inputs!)]));
}

function fromArguments(text: string, line: RegExp): Edges {
	return Object.fromEntries([...text.matchAll(line)].map(({groups}) => [groups!.name!, groups!.arguments!.split(', ').map(argument => argument.replace(/: str$/, '').replace('source_', ''))]));
}

function parsed<Type>(files: Files, file: string): Type {
	return JSON.parse(files[file]!) as Type;
}

function fromDagJson(files: Files): Edges {
	return Object.fromEntries(parsed<Array<{name: string; inputs: string[]; sources: string[]}>>(files, 'dag.json').map(({name, inputs, sources}) => [name, [...inputs, ...sources.map(file => nameOf(file))]]));
}

/** Reads a project back, each in its own language. */
const readers: Readonly<Record<string, (files: Files) => Edges>> = {
	ninja: files => fromLines(files['build.ninja']!, /^build (?<output>\S+): sum (?<inputs>.*)$/gm),
	make: files => fromLines(files.Makefile!, /^(?<output>out\S+): (?<inputs>.*)$/gm),
	tup: files => fromLines(files.Tupfile!, /^: (?<inputs>.*) \|> cksum %f > %o \|> (?<output>.*)$/gm),
	turbo: files => edges(parsed<{tasks: Record<string, {dependsOn: string[]; inputs: string[]}>}>(files, 'turbo.json').tasks, ({dependsOn, inputs}) => [...dependsOn, ...inputs.filter(file => file !== 'no-such-file')]),
	'turbo-workspaces': files => packages(files, 'package.json', ({dependencies, scripts}: {dependencies: object; scripts: {build: string}}) => [Object.keys(dependencies), readBy(scripts.build)]),
	nx: files => edges(withoutAll(parsed<{targets: Record<string, {dependsOn: string[]; inputs: unknown[]}>}>(files, 'project.json').targets), ({dependsOn, inputs}) => [...dependsOn, ...inputs.filter(input => typeof input === 'string')]),
	'nx-workspaces': files => packages(files, 'project.json', ({implicitDependencies, targets: {build}}: {implicitDependencies: string[]; targets: {build: {options: {command: string}}}}) => [implicitDependencies, readBy(build.options.command)]),
	wireit: files => edges(withoutAll(parsed<{wireit: Record<string, {dependencies: string[]; files: string[]}>}>(files, 'package.json').wireit), ({dependencies, files: sources}) => [...dependencies, ...sources]),
	moon: files => edges(withoutAll(parsed<{tasks: Record<string, {deps: string[]; inputs: string[]}>}>(files, 'moon.yml').tasks), ({deps, inputs}) => [...deps.map(name => name.replace('~:', '')), ...inputs]),
	dvc: files => edges(parsed<{stages: Record<string, {deps: string[]}>}>(files, 'dvc.yaml').stages, ({deps}) => deps),
	doit: fromDagJson,
	scons: fromDagJson,
	snakemake: fromDagJson,
	redun: fromDagJson,
	hamilton: files => fromArguments(files['nodes.py']!, /^def (?<name>t\d+)\((?<arguments>.*)\) -> str:$/gm),
	targets: files => fromArguments(files['_targets.R']!, /^ {2}tar_target_raw\("(?<name>t\d+)", quote\(summed\("[^"]*", (?<arguments>.*)\)\), format = "file"\)/gm),
};

function edges<Entry>(entries: Readonly<Record<string, Entry>>, readOf: (entry: Entry) => readonly string[]): Edges {
	return Object.fromEntries(Object.entries(entries).map(([name, entry]) => [name, readOf(entry).map(file => nameOf(file))]));
}

function withoutAll<Entry>({all, ...others}: Record<string, Entry>): Record<string, Entry> {
	return others;
}

/** @param readOf what a package is connected to, and what its command reads: the nodes must be the same */
function packages<Manifest>(files: Files, manifest: string, readOf: (manifest: Manifest) => readonly [readonly string[], readonly string[]]): Edges {
	return Object.fromEntries(dag.nodes.map(({name}) => {
		const [connected, read] = readOf(parsed(files, `packages/${name}/${manifest}`));
		return [name, [...connected, ...read.filter(file => !connected.includes(file))]];
	}));
}

for (const [name, read] of Object.entries(readers)) {
	test(`the project of ${name} holds the DAG`, t => {
		t.deepEqual(read(written.get(name)!.files), expected);
	});
}

test('every peer but ours, whose pipeline is code, is read back', t => {
	t.deepEqual([...written.keys()].filter(name => !(name in readers)), ['ours', 'ours-shell']);
});

for (const name of ['turbo', 'nx', 'wireit', 'moon', 'dvc']) {
	test(`the commands of ${name} read and write what the DAG says`, t => {
		const text = Object.values(written.get(name)!.files).join('\n');
		t.deepEqual(fromLines(text, /"cksum (?<inputs>[^>"]*) > (?<output>[^"]*)"/g), expected);
	});
}

for (const [name, {files, outputs, leaf, state, command}] of written) {
	test(`the project of ${name} has its sources, its leaf and an output to look at`, t => {
		t.is(Object.values(files).filter(text => /^\w+ v0\n$/.test(text)).length, dag.sources.length);
		t.is(files[leaf], 'leaf v0\n');
		t.is(new Set(outputs).size, name.startsWith('ours') ? 1 : dag.nodes.length);
		t.is(nameOf(outputs.at(-1)!), name.startsWith('ours') ? 'last' : dag.last.name);
		t.deepEqual(outputs.filter(output => output in files), []);
		t.deepEqual(state.filter(file => file in files), []);
		t.true(command.length > 1);
	});
}
