import path from 'node:path';
import {commonFiles, commonProject, dagJson, type Peer} from './peer.ts';

const program = (home: string) => path.join(home, 'doit/bin/doit');

const dodo = `import json

DOIT_CONFIG = {'backend': 'sqlite3', 'verbosity': 0}
NODES = json.load(open('dag.json'))
OUTPUTS = {node['name']: node['output'] for node in NODES}


def task_node():
    for node in NODES:
        files = [OUTPUTS[name] for name in node['inputs']] + node['sources']
        yield {
            'name': node['name'],
            'file_dep': files,
            'targets': [node['output']],
            'actions': ['cksum ' + ' '.join(files) + ' > ' + node['output']],
        }
`;

export const doit: Peer = {
	name: 'doit',
	title: 'doit',
	decidedBy: 'contents',
	version: home => [program(home), '--version'],
	write: (dag, {home, jobs}) => ({
		...commonProject(dag),
		files: {...commonFiles(dag), 'dag.json': dagJson(dag), 'dodo.py': dodo},
		command: [program(home), 'run', '-n', String(jobs), '-P', 'thread'],
		state: ['.doit.db'],
	}),
};
