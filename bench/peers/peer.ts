import type {LayeredDag, LayeredNode} from '../layered-dag.ts';

/** A program and its arguments. */
export type Argv = readonly [program: string, ...args: readonly string[]];

/** Something that brings a DAG up to date, ours included. */
export type Peer = {
	/** On the command line; with a suffix where one program can lay the project out in two ways. */
	readonly name: string;
	/** In tables. */
	readonly title: string;
	/** What tells whether a node runs again, for people. */
	readonly decidedBy: string;
	/** Prints the version. @param home where `install-peers.sh` put the peers */
	readonly version: (home: string) => Argv;
	readonly write: (dag: LayeredDag, setting: Setting) => PeerProject;
};

export type Setting = {
	/** Where `install-peers.sh` put the peers. */
	readonly home: string;
	/** How many nodes may run at a time. */
	readonly jobs: number;
	/** Absolute path of the folder the project will be written to. */
	readonly folder: string;
};

/** A peer's project, before it is written. Paths are relative to its folder unless they are absolute. */
export type PeerProject = {
	readonly files: Readonly<Record<string, string>>;
	/** Link → what it leads to. */
	readonly links?: Readonly<Record<string, string>>;
	/** What runs once after writing, untimed. */
	readonly prepare?: readonly Argv[];
	/** The same command does everything, nothing, or the leaf. */
	readonly command: Argv;
	/** Added to the environment. */
	readonly env?: Readonly<Record<string, string>>;
	/** Files that must exist after a run; the last one depends on the leaf. */
	readonly outputs: readonly string[];
	/** The source file that only the last node reads. */
	readonly leaf: string;
	/** What holds state besides the outputs: gone before a cold run. */
	readonly state: readonly string[];
	/** Whether changes within a second go unseen, so that the leaf needs a time stamp of its own. */
	readonly hasWholeSeconds?: boolean;
	/** Prints whether all is up to date, where outputs are not files of their own, and how to read that. */
	readonly settled?: {readonly command: Argv; readonly isSo: (stdout: string) => boolean};
};

/** Where a source file is in most projects. */
export function sourceFile(source: string): string {
	return `sources/${source}/text.txt`;
}

/** Where a node's output is in most projects. */
export function outputFile({name}: LayeredNode): string {
	return `out/${name}.txt`;
}

/** What a node reads, in the order of the shell command. */
export function inputFiles({inputs, sources}: LayeredNode): readonly string[] {
	return [...inputs.map(input => outputFile(input)), ...sources.map(source => sourceFile(source))];
}

/** The shell command of a node: one short process, and a line that depends on every input. */
export function shellCommand(node: LayeredNode): string {
	return `cksum ${inputFiles(node).join(' ')} > ${outputFile(node)}`;
}

/** All source files with their first content, and the folder of the outputs. */
export function commonFiles({sources}: LayeredDag): Record<string, string> {
	return {...Object.fromEntries(sources.map(source => [sourceFile(source), firstContent(source)])), 'out/.keep': ''};
}

export function firstContent(source: string): string {
	return `${source} v0\n`;
}

/** What most projects have in common. */
export function commonProject(dag: LayeredDag): Pick<PeerProject, 'outputs' | 'leaf'> {
	return {outputs: dag.nodes.map(node => outputFile(node)), leaf: sourceFile('leaf')};
}

/** Makes the project a git repository, for those that want one. */
export const gitRepository: readonly Argv[] = [
	['git', 'init', '-q'],
	['git', 'add', '-A'],
	['git', '-c', 'user.name=bench', '-c', 'user.email=bench@localhost', 'commit', '-q', '-m', 'layered DAG'],
];

/** The DAG for projects that read it with a few lines of Python: one entry per node, inputs first. */
export function dagJson({nodes}: LayeredDag): string {
	return JSON.stringify(nodes.map(node => ({
		name: node.name,
		inputs: node.inputs.map(({name}) => name),
		sources: node.sources.map(source => sourceFile(source)),
		output: outputFile(node),
	})));
}
