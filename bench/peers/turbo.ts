import path from 'node:path';
import type {LayeredNode} from '../layered-dag.ts';
import {commonFiles, commonProject, firstContent, gitRepository, shellCommand, sourceFile, type Argv, type Peer} from './peer.ts';

const program = (home: string) => path.join(home, 'turbo/node_modules/.bin/turbo');
const version = (home: string): Argv => [program(home), '--version'];
const options = (jobs: number) => [`--concurrency=${jobs}`, '--output-logs=errors-only', '--ui=stream', '--no-update-notifier'];
const env = {TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1'};
const root = {name: 'layered', private: true, packageManager: 'npm@11.0.0'};
const lockFile = {name: 'layered', lockfileVersion: 3, requires: true};
const ignored = ['out', '.turbo', 'node_modules', '*.log', ''].join('\n');

/** One package with a script per node. Its hashes are known before anything runs, from the source files and the hashes of the nodes it depends on. */
export const turbo: Peer = {
	name: 'turbo',
	title: 'Turborepo (root tasks)',
	decidedBy: 'contents of sources',
	version,
	write: (dag, {home, jobs}) => ({
		...commonProject(dag),
		files: {
			...commonFiles(dag),
			'package.json': JSON.stringify({...root, scripts: Object.fromEntries(dag.nodes.map(node => [node.name, shellCommand(node)]))}),
			'package-lock.json': JSON.stringify({...lockFile, packages: {'': {name: 'layered'}}}),
			'turbo.json': JSON.stringify({tasks: Object.fromEntries(dag.nodes.map(({name, inputs, sources}) => [name, {
				dependsOn: inputs.map(input => input.name),
				// An empty list would mean every file of the package.
				inputs: sources.length > 0 ? sources.map(source => sourceFile(source)) : ['no-such-file'],
				outputs: [`out/${name}.txt`],
			}]))}),
			'.gitignore': ignored,
		},
		prepare: gitRepository,
		command: [program(home), 'run', ...dag.sinks.map(({name}) => name), ...options(jobs)],
		env,
		state: ['.turbo', 'node_modules'],
	}),
};

const sourceOfPackage = (node: LayeredNode, source: string) => `packages/${node.name}/${source}.txt`;

/** A workspace package per node, connected by package dependencies. */
export const turboWorkspaces: Peer = {
	name: 'turbo-workspaces',
	title: 'Turborepo (workspaces)',
	decidedBy: 'contents of sources',
	version,
	write(dag, {home, jobs}) {
		const dependencies = ({inputs}: LayeredNode) => Object.fromEntries(inputs.map(({name}) => [name, '*']));
		const read = ({inputs, sources}: LayeredNode) => [...inputs.map(({name}) => `../${name}/out.txt`), ...sources.map(source => `${source}.txt`)];
		const outputs = dag.nodes.map(({name}) => `packages/${name}/out.txt`);
		return {
			files: {
				'package.json': JSON.stringify({...root, workspaces: ['packages/*']}),
				'package-lock.json': JSON.stringify({...lockFile, packages: {
					'': {name: 'layered', workspaces: ['packages/*']},
					...Object.fromEntries(dag.nodes.flatMap((node): Array<[string, object]> => [
						[`packages/${node.name}`, {name: node.name, version: '1.0.0', dependencies: dependencies(node)}],
						[`node_modules/${node.name}`, {resolved: `packages/${node.name}`, link: true}],
					])),
				}}),
				'turbo.json': JSON.stringify({tasks: {build: {dependsOn: ['^build'], outputs: ['out.txt']}}}),
				'.gitignore': `out.txt\n${ignored}`,
				...Object.fromEntries(dag.nodes.flatMap((node): Array<[string, string]> => [
					[`packages/${node.name}/package.json`, JSON.stringify({name: node.name, version: '1.0.0', scripts: {build: `cksum ${read(node).join(' ')} > out.txt`}, dependencies: dependencies(node)})],
					...node.sources.map((source): [string, string] => [sourceOfPackage(node, source), firstContent(source)]),
				])),
			},
			prepare: gitRepository,
			command: [program(home), 'run', 'build', ...options(jobs)],
			env,
			outputs,
			leaf: sourceOfPackage(dag.last, 'leaf'),
			state: ['.turbo', 'node_modules', ...dag.nodes.map(({name}) => `packages/${name}/.turbo`)],
		};
	},
};
