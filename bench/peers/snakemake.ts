import path from 'node:path';
import {commonFiles, commonProject, dagJson, outputFile, type Peer} from './peer.ts';

const program = (home: string) => path.join(home, 'snakemake/bin/snakemake');

const rules = `import json

NODES = {node['name']: node for node in json.load(open('dag.json'))}


def files(wildcards):
    node = NODES[wildcards.name]
    return [NODES[name]['output'] for name in node['inputs']] + node['sources']


rule node:
    input: files
    output: 'out/{name}.txt'
    wildcard_constraints: name='t[0-9]+'
    shell: 'cksum {input} > {output}'
`;

/** One rule with a wildcard, its leanest form; the default rerun triggers. */
export const snakemake: Peer = {
	name: 'snakemake',
	title: 'Snakemake',
	decidedBy: 'time stamps, contents of small files, code',
	version: home => [program(home), '--version'],
	write: (dag, {home, jobs}) => ({
		...commonProject(dag),
		files: {
			...commonFiles(dag),
			'dag.json': dagJson(dag),
			Snakefile: `rule all:\n    input: ${JSON.stringify(dag.sinks.map(node => outputFile(node)))}\n\n${rules}`,
		},
		command: [program(home), '--quiet', 'all', '--cores', String(jobs)],
		env: {XDG_CACHE_HOME: '.cache'},
		state: ['.snakemake', '.cache'],
	}),
};
