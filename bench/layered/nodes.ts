import {spawnSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {Type} from '@sinclair/typebox';
import {textArtifact} from '../../engine/artifact.ts';
import {defineStage, files, type FileSet} from '../../engine/stage.ts';

const line = textArtifact('line', 'txt');

export const params = Type.Object({
	action: Type.Union([Type.Literal('sha256'), Type.Literal('cksum')], {description: 'Hash in the worker itself, or start the shell command that the peers run.'}),
});

type Action = 'sha256' | 'cksum';

/** A node of the first layer. */
export const first = defineStage({
	name: 'first',
	inputs: {source: files},
	params,
	outputs: {text: line},
	run: ({source}, {action}) => ({text: summed([contentOf(source)], action)}),
});

export const single = defineStage({
	name: 'single',
	inputs: {left: line},
	params,
	outputs: {text: line},
	run: ({left}, {action}) => ({text: summed([left], action)}),
});

export const double = defineStage({
	name: 'double',
	inputs: {left: line, right: line},
	params,
	outputs: {text: line},
	run: ({left, right}, {action}) => ({text: summed([left, right], action)}),
});

/** The last node, where it has one input. */
export const lastSingle = defineStage({
	name: 'last-single',
	inputs: {left: line, leaf: files},
	params,
	outputs: {text: line},
	run: ({left, leaf}, {action}) => ({text: summed([left, contentOf(leaf)], action)}),
});

/** The last node, where it has two inputs. */
export const lastDouble = defineStage({
	name: 'last-double',
	inputs: {left: line, right: line, leaf: files},
	params,
	outputs: {text: line},
	run: ({left, right, leaf}, {action}) => ({text: summed([left, right, contentOf(leaf)], action)}),
});

function contentOf({root, files: [file]}: FileSet): string {
	return readFileSync(path.join(root, file!.path), 'utf8');
}

/** A line that depends on every text. */
function summed(texts: readonly string[], action: Action): string {
	const input = texts.join('');
	if (action === 'sha256') {
		return `${createHash('sha256').update(input).digest('hex')}\n`;
	}

	const {stdout, status, error} = spawnSync('sh', ['-c', 'cksum'], {input, encoding: 'utf8'});
	if (status !== 0) {
		throw error ?? new Error(`cksum ended with exit code ${status}`);
	}

	return stdout;
}
