import {existsSync} from 'node:fs';
import path from 'node:path';
import {writeAtomically} from './bundle.cjs';
import {digestFile, type Digest} from './digest.ts';
import {UserError} from './error.ts';
import type {Outcome} from './event.ts';
import type {Node} from './graph.ts';
import type {AnyRef} from './pipeline.ts';
import type {Store} from './store.ts';

/** A file of the reports folder. */
export type PublishedReport = {readonly file: string; readonly isNew: boolean};

/** Copies artifacts to the reports folder; a file that already has the artifact's bytes is left alone. */
export function publishReports(reports: Readonly<Record<string, AnyRef>>, outcomes: ReadonlyMap<Node, Outcome>, store: Store, folder: string): readonly PublishedReport[] {
	return publishDigests(reportDigests(reports, outcomes), store, folder);
}

/** File name → digest, for the reports whose nodes have a result. */
export function reportDigests(reports: Readonly<Record<string, AnyRef>>, outcomes: ReadonlyMap<Node, Outcome>): Record<string, Digest> {
	return Object.fromEntries(Object.entries(reports).flatMap(([name, {node, output}]) => {
		const outcome = outcomes.get(node);
		return outcome && 'result' in outcome ? [[name, outcome.result.outputs[output]!.digest]] : [];
	}));
}

/** The same for artifacts that are known by their digests. */
export function publishDigests(reports: Readonly<Record<string, Digest>>, store: Store, folder: string): readonly PublishedReport[] {
	return Object.entries(reports).map(([name, digest]) => {
		const file = path.join(folder, name);
		const isNew = !existsSync(file) || digestFile(file) !== digest;
		if (isNew) {
			write(file, store.read(digest));
		}

		return {file, isNew};
	});
}

function write(file: string, bytes: Uint8Array): void {
	try {
		writeAtomically(file, bytes);
	} catch (error) {
		throw new UserError('report-unwritable', `The report "${file}" cannot be written: ${(error as Error).message}`, {
			cause: error,
			hint: 'Name another folder with --reports FOLDER; results are kept in the cache.',
		});
	}
}
