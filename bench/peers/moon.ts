import path from 'node:path';
import {commonFiles, commonProject, gitRepository, outputFile, shellCommand, sourceFile, type Peer} from './peer.ts';

const program = (home: string) => path.join(home, 'moon/node_modules/.bin/moon');

/** One project with a task per node. */
export const moon: Peer = {
	name: 'moon',
	title: 'moon',
	decidedBy: 'contents of sources',
	version: home => [program(home), '--version'],
	write: (dag, {home, jobs}) => ({
		...commonProject(dag),
		files: {
			...commonFiles(dag),
			'.moon/workspace.yml': 'projects:\n  layered: \'.\'\ntelemetry: false\nvcs:\n  defaultBranch: \'master\'\n',
			'.moon/toolchains.yml': '',
			// JSON is YAML.
			'moon.yml': JSON.stringify({
				language: 'unknown',
				tasks: {
					all: {command: 'noop', inputs: [], deps: dag.sinks.map(({name}) => `~:${name}`)},
					...Object.fromEntries(dag.nodes.map(node => [node.name, {
						script: shellCommand(node),
						deps: node.inputs.map(({name}) => `~:${name}`),
						inputs: node.sources.map(source => sourceFile(source)),
						outputs: [outputFile(node)],
						options: {cache: true, envFile: false, runFromWorkspaceRoot: true},
					}])),
				},
			}),
			'.gitignore': ['out', '.moon/cache', '*.log', ''].join('\n'),
		},
		prepare: gitRepository,
		command: [program(home), 'run', 'layered:all', '--quiet', `--concurrency=${jobs}`],
		env: {MOON_TELEMETRY: 'false', MOON_SKIP_SETUP_TOOLCHAIN: 'true', DO_NOT_TRACK: '1'},
		state: ['.moon/cache'],
	}),
};
