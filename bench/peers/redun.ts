import path from 'node:path';
import {commonFiles, commonProject, dagJson, type Peer} from './peer.ts';

const program = (home: string) => path.join(home, 'redun/bin/redun');

const workflow = `import json
import subprocess

from redun import File, task

redun_namespace = 'layered'
NODES = json.load(open('dag.json'))


@task()
def node(output: str, files: list) -> File:
    subprocess.run('cksum ' + ' '.join(file.path for file in files) + ' > ' + output, shell=True, check=True)
    return File(output)


@task()
def main() -> list:
    made = {}
    for entry in NODES:
        made[entry['name']] = node(entry['output'], [made[name] for name in entry['inputs']] + [File(source) for source in entry['sources']])
    read = {name for entry in NODES for name in entry['inputs']}
    return [file for name, file in made.items() if name not in read]
`;

/** One task function, called once per node. */
export const redun: Peer = {
	name: 'redun',
	title: 'redun',
	decidedBy: 'sizes and time stamps',
	version: home => [program(home), '--version'],
	write: (dag, {home}) => ({
		...commonProject(dag),
		files: {...commonFiles(dag), 'dag.json': dagJson(dag), 'workflow.py': workflow},
		command: [program(home), 'run', 'workflow.py', 'main'],
		state: ['.redun'],
	}),
};
