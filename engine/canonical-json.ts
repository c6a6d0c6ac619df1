/**
 * One text for one value: object keys sorted by code unit, no white space, numbers as ECMAScript prints them.
 *
 * @throws {TypeError} for `undefined`, functions, symbols, bigints and numbers that JSON cannot hold (`NaN`, infinities):
 * they are refused, never skipped, because two different values must not share a text.
 */
export function canonicalJson(value: unknown): string {
	return write(value, '$');
}

function write(value: unknown, path: string): string {
	if (value === null || typeof value === 'boolean' || typeof value === 'string') {
		return JSON.stringify(value);
	}

	if (typeof value === 'number') {
		if (!Number.isFinite(value)) {
			throw new TypeError(`${path} is ${value}, which JSON cannot hold`);
		}

		// -0 and 0 are equal for every computation we hash, so they share a text.
		return JSON.stringify(value === 0 ? 0 : value);
	}

	if (Array.isArray(value)) {
		return `[${Array.from(value, (item, index) => write(item, `${path}[${index}]`)).join(',')}]`;
	}

	if (typeof value === 'object' && isPlain(value)) {
		const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
		return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${write(item, `${path}.${key}`)}`).join(',')}}`;
	}

	throw new TypeError(`${path} is ${describe(value)}, which JSON cannot hold`);
}

function isPlain(value: object): boolean {
	const prototype: unknown = Object.getPrototypeOf(value);
	return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
	return typeof value === 'object' ? `a ${value?.constructor.name ?? 'null'}` : typeof value;
}
