import {digestText} from './digest.ts';

/** A value as JSON under the digest of that text: damage shows when it is read. */
export function sealed(value: unknown): string {
	const json = JSON.stringify(value);
	return `${digestText(json)}\n${json}`;
}

/** The inverse of `sealed`; nothing for a text that is missing or damaged. */
export function unsealed(text: string | undefined): unknown {
	const [digest, json = ''] = text?.split('\n', 2) ?? [];
	return digestText(json) === digest ? JSON.parse(json) as unknown : undefined;
}
