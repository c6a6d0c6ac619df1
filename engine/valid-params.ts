import {readFileSync} from 'node:fs';
import {writeAtomically} from './bundle.cjs';

/** Params that were found valid, by digest: checking them again would take longer than all the rest of a run that has nothing to do. */
export type ValidParams = {
	readonly has: (digest: string) => boolean;
	readonly add: (digest: string) => void;
};

/** How many are remembered. */
const remembered = 200;

/** Remembers valid params in a file, which may be deleted at any time. */
export function validParamsFile(file: string): ValidParams {
	const known = readLines(file);
	return {
		has: digest => known.includes(digest),
		add(digest) {
			writeAtomically(file, [...known, digest].slice(-remembered).join('\n'));
		},
	};
}

function readLines(file: string): readonly string[] {
	try {
		return readFileSync(file, 'utf8').split('\n');
	} catch {
		// Absent: nothing is known yet.
		return [];
	}
}
