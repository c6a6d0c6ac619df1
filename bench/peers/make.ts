import {commonFiles, commonProject, inputFiles, outputFile, type Peer} from './peer.ts';

export const make: Peer = {
	name: 'make',
	title: 'make',
	decidedBy: 'time stamps',
	version: () => ['make', '--version'],
	write: (dag, {jobs}) => ({
		...commonProject(dag),
		files: {
			...commonFiles(dag),
			Makefile: [
				// Without the built-in rules, which would be tried on every file.
				'MAKEFLAGS += --no-builtin-rules --no-builtin-variables',
				'.SUFFIXES:',
				`all: ${dag.sinks.map(node => outputFile(node)).join(' ')}`,
				...dag.nodes.map(node => `${outputFile(node)}: ${inputFiles(node).join(' ')}\n\t@cksum $^ > $@`),
				'',
			].join('\n'),
		},
		command: ['make', '--silent', `--jobs=${jobs}`],
		state: [],
	}),
};
