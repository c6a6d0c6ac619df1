import path from 'node:path';
import process from 'node:process';
import {cacheFolder} from '../../engine/code.ts';
import {commonFiles, sourceFile, type Peer} from './peer.ts';

const root = path.join(import.meta.dirname, '../..');
const binary = path.join(root, 'bin/pipeline.cjs');
const pipelineFile = path.join(root, 'bench/layered/pipeline.ts');

/** A stage of our engine per node. A cold run has no compiled pipeline either. */
function engine(name: string, title: string, action: 'sha256' | 'cksum'): Peer {
	return {
		name,
		title,
		decidedBy: 'contents',
		version: () => [process.execPath, '-p', `require(${JSON.stringify(path.join(root, 'package.json'))}).version`],
		write(dag, {jobs, folder}) {
			const options = [
				'--pipeline',
				pipelineFile,
				'--cache',
				path.join(folder, 'cache'),
				'--set',
				`dag.nodes=${dag.nodes.length}`,
				'--set',
				`dag.sources=${path.join(folder, 'sources')}`,
				'--set',
				`node.action=${action}`,
			];
			return {
				files: commonFiles(dag),
				command: [process.execPath, binary, 'run', '--jobs', String(jobs), '--reports', path.join(folder, 'reports'), ...options],
				outputs: ['reports/last.txt'],
				leaf: sourceFile('leaf'),
				state: ['cache', cacheFolder(path.dirname(pipelineFile))],
				settled: {
					command: [process.execPath, binary, 'status', '--json', ...options],
					isSo: stdout => (JSON.parse(stdout) as ReadonlyArray<{state: string}>).filter(({state}) => state === 'fresh').length === dag.nodes.length,
				},
			};
		},
	};
}

export const ours = engine('ours', 'ours', 'sha256');
export const oursShell = engine('ours-shell', 'ours (shell command)', 'cksum');
