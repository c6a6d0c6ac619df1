import {UserError} from './error.ts';

/** Most values of one param. */
const mostValues = 10_000;

const number = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?`;
const range = new RegExp(`^(${number}):(${number})(?::(${number}))?$`);

/** What a quotient of decimals may miss a whole number by. */
const quotientTolerance = 1e-9;

/**
 * The values that a text lists: `-0.05,0,0.1`, ranges with both ends such as `0:0.3:0.05`, texts, and JSON for everything else. Each value once.
 * @throws {UserError} `sweep-values` for an empty value, or a range without an end
 */
export function parseValues(text: string): readonly unknown[] {
	const values = (jsonValues(text) ?? text.split(',').flatMap(item => parseItem(item.trim(), text))).map(value => (value === 0 ? 0 : value));
	if (values.length === 0) {
		throw new UserError('sweep-values', `"--values ${text}" lists no value`, {hint: 'Separate values by commas, as in --values -0.05,0,0.1.'});
	}

	const texts = values.map(value => JSON.stringify(value));
	return values.filter((_, index) => texts.indexOf(texts[index]!) === index);
}

/** All of the text as JSON values; nothing when a part of it is a range or a plain text. */
function jsonValues(text: string): readonly unknown[] | undefined {
	try {
		return JSON.parse(`[${text}]`) as unknown[];
	} catch {
		return undefined;
	}
}

function parseItem(item: string, text: string): readonly unknown[] {
	if (item === '') {
		throw new UserError('sweep-values', `"--values ${text}" has an empty value`, {hint: 'Separate values by commas, as in --values -0.05,0,0.1; write "" for an empty text.'});
	}

	const [, from, to, step] = range.exec(item) ?? [];
	if (from !== undefined && to !== undefined) {
		return rangeValues(item, from, to, step);
	}

	return jsonValues(item) ?? [item];
}

/** Every value from one end to the other, both included when the step meets them, as the decimals that people would write. */
function rangeValues(item: string, from: string, to: string, step: string | undefined): readonly number[] {
	const [first, last, each] = [Number(from), Number(to), Number(step)];
	const steps = Math.floor(((last - first) / each) + quotientTolerance);
	if (step === undefined || !(steps >= 0)) {
		throw new UserError('sweep-values', `The range "${item}" never gets from ${from} to ${to}`, {
			facts: {step: step ?? 'none'},
			hint: 'A range is FROM:TO:STEP, as in 0:0.3:0.05 or 10:2:-2.',
		});
	}

	if (steps >= mostValues) {
		throw new UserError('sweep-values', `The range "${item}" has more than ${mostValues} values`, {hint: 'Give it a larger step.'});
	}

	const decimals = Math.min(100, Math.max(decimalsOf(from), decimalsOf(step)));
	return Array.from({length: steps + 1}, (_, index) => Number((first + (index * each)).toFixed(decimals)));
}

/** How many digits after the point a number is written with. */
function decimalsOf(text: string): number {
	const [digits = '', exponent = '0'] = text.toLowerCase().split('e');
	return Math.max(0, (digits.split('.')[1] ?? '').length - Number(exponent));
}
