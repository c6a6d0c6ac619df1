import path from 'node:path';
import {commonFiles, commonProject, inputFiles, outputFile, shellCommand, type Peer} from './peer.ts';

const program = (home: string) => path.join(home, 'dvc/bin/dvc');

/** A stage per node, without git; `repro` runs one stage at a time. */
export const dvc: Peer = {
	name: 'dvc',
	title: 'DVC',
	decidedBy: 'contents',
	version: home => [program(home), '--version'],
	write: (dag, {home, folder}) => ({
		...commonProject(dag),
		files: {
			...commonFiles(dag),
			// JSON is YAML.
			'dvc.yaml': JSON.stringify({stages: Object.fromEntries(dag.nodes.map(node => [node.name, {cmd: shellCommand(node), deps: inputFiles(node), outs: [outputFile(node)]}]))}),
		},
		prepare: [
			[program(home), 'init', '-q', '--no-scm'],
			[program(home), 'config', 'core.analytics', 'false'],
			[program(home), 'config', 'core.check_update', 'false'],
		],
		command: [program(home), 'repro', '--quiet'],
		env: {DVC_NO_ANALYTICS: '1', DVC_SITE_CACHE_DIR: path.join(folder, '.site')},
		state: ['.dvc/cache', '.dvc/tmp', '.site', 'dvc.lock'],
	}),
};
