import path from 'node:path';
import type {LayeredDag, LayeredNode} from '../layered-dag.ts';
import {commonFiles, commonProject, outputFile, sourceFile, type Peer} from './peer.ts';

const python = (home: string) => path.join(home, 'hamilton/bin/python');

/** A function per node; the texts themselves flow between them, and the cache is on. */
export const hamilton: Peer = {
	name: 'hamilton',
	title: 'Hamilton',
	decidedBy: 'contents',
	version: home => [python(home), '-c', 'import importlib.metadata; print(importlib.metadata.version("sf-hamilton"))'],
	write: (dag, {home}) => ({
		...commonProject(dag),
		files: {...commonFiles(dag), 'nodes.py': moduleOf(dag), 'run.py': driverOf(dag)},
		command: [python(home), 'run.py'],
		env: {HAMILTON_TELEMETRY_ENABLED: 'false'},
		state: ['.hamilton_cache', '__pycache__'],
	}),
};

const nameOfSource = (source: string) => `source_${source}`;

function moduleOf({nodes}: LayeredDag): string {
	const argumentsOf = ({inputs, sources}: LayeredNode) => [...inputs.map(({name}) => name), ...sources.map(source => nameOfSource(source))];
	const functions = nodes.map(node => [
		`def ${node.name}(${argumentsOf(node).map(argument => `${argument}: str`).join(', ')}) -> str:`,
		`    return _sum('${outputFile(node)}', ${argumentsOf(node).join(', ')})`,
		'',
		'',
	].join('\n'));
	return `import subprocess


def _sum(output, *texts):
    text = subprocess.run(['cksum'], input=''.join(texts).encode(), capture_output=True, check=True).stdout
    open(output, 'wb').write(text)
    return text.decode()


${functions.join('')}`;
}

function driverOf({sources, sinks}: LayeredDag): string {
	return `import nodes
from hamilton import driver

sources = {${sources.map(source => `'${nameOfSource(source)}': open('${sourceFile(source)}').read()`).join(', ')}}
driver.Builder().with_modules(nodes).with_cache().build().execute(${JSON.stringify(sinks.map(({name}) => name))}, inputs=sources)
`;
}
