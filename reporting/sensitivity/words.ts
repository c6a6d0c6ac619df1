import {signedText} from '../cell.ts';
import {alphaPath, samplesPath} from './analysis.ts';

/** Params that people know by another name. */
const known: Readonly<Record<string, {readonly column: string; readonly name: string; readonly axis: string}>> = {
	[alphaPath]: {column: 'α', name: 'α', axis: 'smoothing factor α'},
	[samplesPath]: {column: 'per class', name: 'samples per class', axis: 'samples per class'},
};

/** A swept param as the head of a column. */
export function columnName(path: string): string {
	return known[path]?.column ?? path;
}

/** A swept param as the name of an axis. */
export function axisName(path: string): string {
	return known[path]?.axis ?? path;
}

/** A value of a param for people. */
export function valueText(value: unknown): string {
	if (typeof value === 'number') {
		return signedText(value);
	}

	return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Values of some params, such as `α = 0.1, samples per class = 20`. */
export function describeValues(paths: readonly string[], values: readonly unknown[]): string {
	return paths.map((path, index) => `${known[path]?.name ?? path} = ${valueText(values[index])}`).join(', ');
}
