import {databaseDamaged} from './disk-error.ts';
import type {Ingredients} from './fingerprint.ts';
import type {Provenance} from './store.ts';

/**
 * Ingredients as they were stored.
 * @throws {UserError} `database-damaged` when the text is not what was written
 */
export function parseIngredients(text: string | undefined, folder: string): Ingredients {
	const value = parse(text, folder) as Partial<Ingredients>;
	const isWhole = isText(value.stage) && isText(value.code) && [value.params, value.inputs, value.packages].every(field => isRecord(field));
	if (!isWhole) {
		throw databaseDamaged(folder);
	}

	return value as Ingredients;
}

/**
 * Provenance as it was stored.
 * @throws {UserError} `database-damaged` when the text is not what was written
 */
export function parseProvenance(text: string | undefined, folder: string): Provenance {
	const value = parse(text, folder) as Partial<Provenance>;
	const isWhole = isText(value.startedAt) && isText(value.host) && isText(value.log) && typeof value.durationMs === 'number' && typeof value.peakMemoryBytes === 'number';
	if (!isWhole) {
		throw databaseDamaged(folder);
	}

	return value as Provenance;
}

function parse(text: string | undefined, folder: string): object {
	let value: unknown;
	try {
		value = JSON.parse(text ?? '');
	} catch (error) {
		throw databaseDamaged(folder, error);
	}

	if (!isRecord(value)) {
		throw databaseDamaged(folder);
	}

	return value;
}

function isRecord(value: unknown): value is object {
	return typeof value === 'object' && value !== null;
}

function isText(value: unknown): value is string {
	return typeof value === 'string';
}
