import {signedText} from '../cell.ts';
import {
	alphaPath, comparedPath, defensePath, samplesPath,
} from './analysis.ts';

/** Params that people know by another name. */
const known: Readonly<Record<string, {readonly column: string; readonly name: string; readonly axis: string}>> = {
	[alphaPath]: {column: 'α', name: 'α', axis: 'smoothing factor α'},
	[samplesPath]: {column: 'per class', name: 'samples per class', axis: 'samples per class'},
	[defensePath]: {column: 'defence', name: 'defence', axis: 'defence'},
};

/** Kinds of defences and their numbers, as the paper writes them. */
const symbols: Readonly<Record<string, string>> = {
	none: 'none', 'label-smoothing': 'label smoothing', mid: 'MID', bido: 'BiDO', alpha: 'α', lambda: 'λ', lambdaX: 'λx', lambdaY: 'λy',
};

/** What advantages are over: its name, and the preposition that goes with it. */
export function baselineWords(paths: readonly string[]): {readonly name: string; readonly at: string; readonly param: string} {
	return comparedPath(paths) === defensePath ? {name: 'no defence', at: 'with no defence', param: 'defence'} : {name: 'α = 0', at: 'at α = 0', param: 'α'};
}

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

	if (isChoice(value)) {
		const {kind, ...rest} = value;
		return [symbols[kind] ?? kind, ...Object.entries(rest).map(([key, item]) => `${symbols[key] ?? key} = ${valueText(item)}`)].join(' ');
	}

	return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The same for the axis of a figure, where there is little room: `BiDO 0.05 1` for `BiDO λx = 0.05 λy = 1`. */
export function shortText(value: unknown): string {
	return isChoice(value) ? valueText(value).replaceAll(/ \S+ =/g, '').replace(/^label smoothing/, 'LS') : valueText(value);
}

/** Values of some params, such as `α = 0.1, samples per class = 20`, or `defence: MID λ = 0.01`. */
export function describeValues(paths: readonly string[], values: readonly unknown[]): string {
	return paths.map((path, index) => `${known[path]?.name ?? path}${isChoice(values[index]) ? ':' : ' ='} ${valueText(values[index])}`).join(', ');
}

/** Whether a value is one of several kinds with params of their own. */
function isChoice(value: unknown): value is {readonly kind: string} & Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null && 'kind' in value && typeof value.kind === 'string';
}
