import path from 'node:path';
import {commonFiles, commonProject, dagJson, type Peer} from './peer.ts';

const program = (home: string) => path.join(home, 'scons/bin/scons');

const script = `import json

Decider('content-timestamp')
env = Environment()
nodes = json.load(open('dag.json'))
outputs = {node['name']: node['output'] for node in nodes}
for node in nodes:
    env.Command(node['output'], [outputs[name] for name in node['inputs']] + node['sources'], 'cksum $SOURCES > $TARGET')
read = {name for node in nodes for name in node['inputs']}
Default([node['output'] for node in nodes if node['name'] not in read])
`;

/** Contents decide, and are read again only when a time stamp moved. */
export const scons: Peer = {
	name: 'scons',
	title: 'scons',
	decidedBy: 'contents',
	version: home => [program(home), '--version'],
	write: (dag, {home, jobs}) => ({
		...commonProject(dag),
		files: {...commonFiles(dag), 'dag.json': dagJson(dag), SConstruct: script},
		command: [program(home), '--silent', `--jobs=${jobs}`],
		state: ['.sconsign.dblite'],
	}),
};
