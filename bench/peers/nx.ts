import path from 'node:path';
import type {LayeredNode} from '../layered-dag.ts';
import {commonFiles, commonProject, firstContent, gitRepository, outputFile, shellCommand, sourceFile, type Argv, type Peer} from './peer.ts';

const program = (home: string) => path.join(home, 'nx/node_modules/.bin/nx');
const version = (home: string): Argv => [program(home), '--version'];
// The daemon would plan ahead between two runs; what is timed here is the whole of a run.
const env = {NX_DAEMON: 'false', NX_TUI: 'false', NX_NO_CLOUD: 'true', NX_ISOLATE_PLUGINS: 'false', DO_NOT_TRACK: '1', CI: 'true'};
const options = (jobs: number) => ['--outputStyle=static', `--parallel=${jobs}`];
const settings = {analytics: false, neverConnectToCloud: true, cacheDirectory: '.nx/cache', plugins: []};
const manifest = JSON.stringify({name: 'layered', private: true, devDependencies: {nx: '*'}});
const ignored = ['out', '.nx', 'node_modules', '*.log', ''].join('\n');
const common = (home: string) => ({prepare: gitRepository, env, links: {node_modules: path.join(home, 'nx/node_modules')}, state: ['.nx']});

/** One project with a target per node; what a node reads of another enters by `dependentTasksOutputFiles`, so that equal outputs stop a change. */
export const nx: Peer = {
	name: 'nx',
	title: 'Nx (targets)',
	decidedBy: 'contents',
	version,
	write: (dag, {home, jobs}) => ({
		...commonProject(dag),
		...common(home),
		files: {
			...commonFiles(dag),
			'package.json': manifest,
			'nx.json': JSON.stringify(settings),
			'.gitignore': ignored,
			'project.json': JSON.stringify({name: 'layered', targets: {
				all: {executor: 'nx:noop', dependsOn: dag.sinks.map(({name}) => name)},
				...Object.fromEntries(dag.nodes.map(node => [node.name, {
					executor: 'nx:run-commands',
					cache: true,
					options: {command: shellCommand(node), cwd: '{workspaceRoot}'},
					dependsOn: node.inputs.map(({name}) => name),
					inputs: [...node.sources.map(source => `{workspaceRoot}/${sourceFile(source)}`), ...(node.inputs.length > 0 ? [{dependentTasksOutputFiles: '**/*.txt'}] : [])],
					outputs: [`{workspaceRoot}/${outputFile(node)}`],
				}])),
			}}),
		},
		command: [program(home), 'run', 'layered:all', ...options(jobs)],
	}),
};

const sourceOfProject = (node: LayeredNode, source: string) => `packages/${node.name}/${source}.txt`;

/** A project per node. */
export const nxWorkspaces: Peer = {
	name: 'nx-workspaces',
	title: 'Nx (projects)',
	decidedBy: 'contents of sources',
	version,
	write(dag, {home, jobs}) {
		const read = (node: LayeredNode) => [...node.inputs.map(input => outputFile(input)), ...node.sources.map(source => sourceOfProject(node, source))];
		const files = '{projectRoot}/*.txt';
		return {
			...commonProject(dag),
			...common(home),
			files: {
				'out/.keep': '',
				'package.json': manifest,
				'nx.json': JSON.stringify({
					...settings,
					namedInputs: {production: [files]},
					targetDefaults: {build: {dependsOn: ['^build'], cache: true, inputs: [files, '^production'], outputs: ['{workspaceRoot}/out/{projectName}.txt']}},
				}),
				'.gitignore': ignored,
				...Object.fromEntries(dag.nodes.flatMap((node): Array<[string, string]> => [
					[`packages/${node.name}/project.json`, JSON.stringify({
						name: node.name,
						implicitDependencies: node.inputs.map(({name}) => name),
						targets: {build: {executor: 'nx:run-commands', options: {command: `cksum ${read(node).join(' ')} > ${outputFile(node)}`, cwd: '{workspaceRoot}'}}},
					})],
					...node.sources.map((source): [string, string] => [sourceOfProject(node, source), firstContent(source)]),
				])),
			},
			command: [program(home), 'run-many', '-t', 'build', ...options(jobs)],
			leaf: sourceOfProject(dag.last, 'leaf'),
		};
	},
};
