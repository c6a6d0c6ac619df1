import {commonFiles, commonProject, inputFiles, outputFile, type Peer} from './peer.ts';

export const tup: Peer = {
	name: 'tup',
	title: 'tup',
	decidedBy: 'time stamps',
	version: () => ['tup', '--version'],
	write(dag, {jobs}) {
		// An empty file in `out` would be one that no rule makes, but nothing reads it.
		const files = commonFiles(dag);
		return {
			...commonProject(dag),
			files: {...files, Tupfile: dag.nodes.map(node => `: ${inputFiles(node).join(' ')} |> cksum %f > %o |> ${outputFile(node)}\n`).join('')},
			prepare: [['tup', 'init', '--no-sync']],
			command: ['tup', '--quiet', `-j${jobs}`],
			// The graph stays in `.tup`, as it would after `git clean`; tup itself notices that the outputs are gone.
			state: [],
			hasWholeSeconds: true,
		};
	},
};
