import path from 'node:path';
import type {LayeredNode} from '../layered-dag.ts';
import {commonFiles, commonProject, outputFile, sourceFile, type Peer} from './peer.ts';

const env = (home: string) => ({R_LIBS: path.join(home, 'targets')});
const nameOfSource = (source: string) => `source_${source}`;

/** A target of format "file" per node and per source file; one at a time, since its parallel back ends start further processes. */
export const targets: Peer = {
	name: 'targets',
	title: 'targets (R)',
	decidedBy: 'contents',
	version: home => ['Rscript', '-e', `cat(as.character(packageVersion("targets", lib.loc = c(${JSON.stringify(env(home).R_LIBS)}, .libPaths()))))`],
	write(dag, {home}) {
		const argumentsOf = ({inputs, sources}: LayeredNode) => [...inputs.map(({name}) => name), ...sources.map(source => nameOfSource(source))].join(', ');
		const list = [
			...dag.sources.map(source => `  tar_target_raw("${nameOfSource(source)}", quote("${sourceFile(source)}"), format = "file")`),
			...dag.nodes.map(node => `  tar_target_raw("${node.name}", quote(summed("${outputFile(node)}", ${argumentsOf(node)})), format = "file")`),
		];
		return {
			...commonProject(dag),
			files: {
				...commonFiles(dag),
				'_targets.R': `library(targets)
tar_option_set(memory = "persistent")
summed <- function(output, ...) {
  system(paste("cksum", paste(c(...), collapse = " "), ">", output))
  output
}
list(
${list.join(',\n')}
)
`,
			},
			command: ['Rscript', '-e', 'targets::tar_make(callr_function = NULL, reporter = "silent")'],
			env: env(home),
			state: ['_targets'],
		};
	},
};
