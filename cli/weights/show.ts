import process from 'node:process';
import pc from 'picocolors';
import {sourceLines} from '../../artifacts/weights-source.ts';
import {describeFile} from '../../weights/describe.ts';
import {formatBytes, printable} from '../format.ts';
import type {WeightsOptions} from './options.ts';

/** `pipeline weights show FILE`. */
export async function showWeights(file: string, {json}: WeightsOptions): Promise<number> {
	const description = await describeFile(file);
	if (json) {
		process.stdout.write(`${JSON.stringify(description)}\n`);
		return 0;
	}

	const {container, sizeBytes, wrapper, weights, facts, guess} = description;
	const width = Math.max(...weights.map(({name}) => name.length));
	const lines = [
		`${container}, ${formatBytes(sizeBytes)}, ${weights.length} tensors${wrapper === undefined ? '' : ` under "${wrapper}"`}`,
		...(facts.architecture === undefined ? [] : [`it says it is ${facts.architecture}`]),
		...(facts.source ? ['it was converted', ...sourceLines(facts.source).map(line => `  ${line}`)] : []),
		guess ? `like "${guess.architecture}": ${guess.hits} of its ${guess.count} weights are there by name` : 'like no architecture that is known here',
	];
	process.stdout.write(`${lines.map(line => printable(line)).join('\n')}\n${weights.map(({name, shape, elementType}) => `${printable(name.padEnd(width))}  ${pc.dim(elementType.padEnd(8))}  ${shape}\n`).join('')}`);
	return 0;
}
