import {UserError} from './error.ts';

/** A number that is none, and where it is. */
type Found = {readonly path: string; readonly value: number};

/**
 * Looks through everything a stage returned as one output.
 * @throws {UserError} `output-not-finite` when there is NaN or an infinity in it
 */
export function checkFinite(stage: string, output: string, value: unknown): void {
	// Paths are made only when there is something to point at.
	const count = countNonFinite(value, []);
	if (count > 0) {
		const {path, value: first} = firstNonFinite(value, output, [])!;
		throw new UserError('output-not-finite', `Output "${output}" of stage "${stage}" holds ${count === 1 ? 'a number that is' : `${count} numbers that are`} not finite`, {
			facts: {first: `${path} is ${first}`},
			hint: 'Stop at the step where the first one appears. An artifact type whose values may hold such numbers says mayHoldNonFinite: true.',
		});
	}
}

/** @param around the objects that hold the value, so that a circle ends */
function countNonFinite(value: unknown, around: object[]): number {
	if (typeof value !== 'object' || value === null) {
		return isNonFinite(value) ? 1 : 0;
	}

	if (value instanceof Float32Array || value instanceof Float64Array) {
		return countInFloats(value);
	}

	if (ArrayBuffer.isView(value) || around.includes(value)) {
		return 0;
	}

	around.push(value);
	const count = countInItems(itemsOf(value), around);
	around.pop();
	return count;
}

/* eslint-disable unicorn/no-for-loop, @typescript-eslint/prefer-for-of -- iterators take ten times as long, and this looks at every number of every result */
function countInFloats(values: Float32Array | Float64Array): number {
	let count = 0;
	for (let index = 0; index < values.length; index++) {
		count += Number.isFinite(values[index]) ? 0 : 1;
	}

	return count;
}

function countInItems(items: readonly unknown[], around: object[]): number {
	let count = 0;
	for (let index = 0; index < items.length; index++) {
		const item = items[index];
		if (typeof item === 'number') {
			count += Number.isFinite(item) ? 0 : 1;
		} else if (typeof item === 'object') {
			count += countNonFinite(item, around);
		}
	}

	return count;
}
/* eslint-enable unicorn/no-for-loop, @typescript-eslint/prefer-for-of */

function isNonFinite(value: unknown): value is number {
	return typeof value === 'number' && !Number.isFinite(value);
}

function itemsOf(value: object): readonly unknown[] {
	if (Array.isArray(value)) {
		return value;
	}

	return value instanceof Map || value instanceof Set ? [...value.values()] : Object.values(value);
}

function firstNonFinite(value: unknown, path: string, around: readonly object[]): Found | undefined {
	if (typeof value !== 'object' || value === null) {
		return isNonFinite(value) ? {path, value} : undefined;
	}

	if (around.includes(value)) {
		return undefined;
	}

	for (const [key, item] of entriesOf(value)) {
		const found = firstNonFinite(item, typeof key === 'string' && plainName.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`, [...around, value]);
		if (found) {
			return found;
		}
	}

	return undefined;
}

const plainName = /^[\p{L}_$][\p{L}\p{N}_$]*$/u;

function entriesOf(value: object): Iterable<readonly [unknown, unknown]> {
	if (value instanceof Map) {
		return value.entries() as Iterable<[unknown, unknown]>;
	}

	if (Array.isArray(value) || value instanceof Set || value instanceof Float32Array || value instanceof Float64Array) {
		return [...value as Iterable<unknown>].entries();
	}

	return ArrayBuffer.isView(value) ? [] : Object.entries(value);
}
