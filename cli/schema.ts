import process from 'node:process';
import {loadPipeline} from '../engine/code.ts';
import {paramsSchema} from '../engine/params.ts';
import type {CommonOptions} from './main.ts';

/** `pipeline schema`: the JSON schema of params files, for editors. */
export async function schema(_: readonly string[], options: CommonOptions): Promise<number> {
	const {pipeline} = await loadPipeline(options.pipeline);
	const {$schema: dialect, ...rest} = {$schema: 'http://json-schema.org/draft-07/schema#', ...paramsSchema(pipeline.params)};
	process.stdout.write(`${JSON.stringify({$schema: dialect, title: 'Params of the pipeline', ...rest}, undefined, '\t')}\n`);
	return 0;
}
