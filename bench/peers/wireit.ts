import path from 'node:path';
import process from 'node:process';
import {commonFiles, commonProject, outputFile, shellCommand, sourceFile, type Peer} from './peer.ts';

/** One package with a script per node; the fingerprint of a script holds those of the scripts it depends on. Started by npm, as it demands. */
export const wireit: Peer = {
	name: 'wireit',
	title: 'wireit',
	decidedBy: 'contents of sources',
	version: home => ['node', '-p', `require(${JSON.stringify(path.join(home, 'wireit/node_modules/wireit/package.json'))}).version`],
	write: (dag, {home, jobs}) => ({
		...commonProject(dag),
		files: {
			...commonFiles(dag),
			'package.json': JSON.stringify({
				name: 'layered',
				private: true,
				scripts: Object.fromEntries(['all', ...dag.nodes.map(({name}) => name)].map(name => [name, 'wireit'])),
				wireit: {
					all: {dependencies: dag.sinks.map(({name}) => name)},
					...Object.fromEntries(dag.nodes.map(node => [node.name, {
						command: shellCommand(node),
						dependencies: node.inputs.map(({name}) => name),
						files: node.sources.map(source => sourceFile(source)),
						output: [outputFile(node)],
					}])),
				},
			}),
			'package-lock.json': '{}',
		},
		command: ['npm', 'run', '--silent', 'all'],
		env: {
			WIREIT_PARALLEL: String(jobs),
			WIREIT_LOGGER: 'quiet-ci',
			PATH: [path.join(home, 'wireit/node_modules/.bin'), process.env.PATH ?? ''].join(path.delimiter),
		},
		state: ['.wireit'],
	}),
};
