import {commonFiles, commonProject, inputFiles, outputFile, type Peer} from './peer.ts';

export const ninja: Peer = {
	name: 'ninja',
	title: 'ninja',
	decidedBy: 'time stamps',
	version: () => ['ninja', '--version'],
	write: (dag, {jobs}) => ({
		...commonProject(dag),
		files: {
			...commonFiles(dag),
			'build.ninja': [
				'rule sum',
				'  command = cksum $in > $out',
				...dag.nodes.map(node => `build ${outputFile(node)}: sum ${inputFiles(node).join(' ')}`),
				`build all: phony ${dag.sinks.map(node => outputFile(node)).join(' ')}`,
				'default all',
				'',
			].join('\n'),
		},
		command: ['ninja', '--quiet', '-j', String(jobs)],
		state: ['.ninja_log', '.ninja_deps'],
	}),
};
