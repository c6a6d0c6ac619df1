import {createWriteStream, rmSync} from 'node:fs';
import {mkdir, open} from 'node:fs/promises';
import path from 'node:path';
import {pipeline} from 'node:stream/promises';
import {explainDiskError} from '../disk-error.ts';
import type {Digest, Fingerprint} from '../digest.ts';
import {inlineLimitBytes} from '../inline-limit.ts';
import type {PendingArtifact, Result, Store, StoredArtifact} from '../store.ts';
import {decodeRecord, encodeRecord, type Wanted} from './record.ts';
import {collect, type Content, type SharedCache} from './shared-cache.ts';
import {RefusedError, localChunks, verified} from './verified.ts';

/** The two ends of a transfer. */
export type Ends = {readonly cache: SharedCache; readonly store: Store; readonly signal: AbortSignal};

/** A result that arrived. */
export type Fetched = {readonly result: Result; /** What had to be transferred; less than the outputs when some were here. */ readonly arrivedBytes: number};

/** What the shared cache says of a result, checked; its objects are not. @throws {RefusedError} when the record is damaged */
export async function findResult(wanted: Wanted, {cache, signal}: Ends): Promise<Result | undefined> {
	const text = await cache.getRecord(wanted.fingerprint, signal);
	const {fingerprint, nodeName, ingredients} = wanted;
	return text === undefined ? undefined : {fingerprint, nodeName, ingredients, ...decodeRecord(text, wanted)};
}

/**
 * Brings a result with all its objects into the local cache. Nothing is visible there before all of it has arrived and is verified.
 * @returns nothing when the shared cache has no such result, or not all of it
 * @throws {RefusedError} when what it has is damaged
 */
export async function fetchResult(wanted: Wanted, ends: Ends): Promise<Fetched | undefined> {
	const found = await findResult(wanted, ends);
	if (!found) {
		return undefined;
	}

	const {store} = ends;
	const {outputs, ...result} = found;
	const folder = store.temporaryFolder(`shared-${found.fingerprint}`);
	try {
		const arrived: Record<string, PendingArtifact> = {};
		let arrivedBytes = 0;
		for (const [index, [name, artifact]] of Object.entries(outputs).entries()) {
			const obtained = await obtain(artifact, path.join(folder, String(index)), ends);
			if (obtained === undefined) {
				return undefined;
			}

			arrivedBytes += obtained.from === 'shared' ? artifact.sizeBytes : 0;
			arrived[name] = obtained.pending;
		}

		store.publish(result, arrived);
		return {result: store.recorded(found.fingerprint)!, arrivedBytes};
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
}

type Obtained = {readonly pending: PendingArtifact; readonly from: 'local' | 'shared'};

/** Brings an object to where it can be published from, out of the local cache where it is intact there. @returns nothing when it is nowhere */
async function obtain(artifact: StoredArtifact, file: string, {cache, store, signal}: Ends): Promise<Obtained | undefined> {
	try {
		return {pending: await receive(localChunks(store, artifact.digest), artifact, {file, signal}), from: 'local'};
	} catch (error) {
		if (!(error instanceof RefusedError || (error as NodeJS.ErrnoException).code === 'ENOENT')) {
			throw explainDiskError(error, store.folder);
		}
	}

	const chunks = await cache.getObject(artifact.digest, signal);
	if (chunks === undefined) {
		return undefined;
	}

	try {
		return {pending: await receive(chunks, artifact, {file, signal}), from: 'shared'};
	} catch (error) {
		throw explainDiskError(error, store.folder);
	}
}

/** Takes in what arrives: in memory where the database holds it, else in a file that is durable, as publication expects. */
async function receive(chunks: AsyncIterable<Uint8Array>, artifact: StoredArtifact, {file, signal}: {readonly file: string; readonly signal: AbortSignal}): Promise<PendingArtifact> {
	if (artifact.sizeBytes <= inlineLimitBytes) {
		return {...artifact, bytes: await collect(verified(chunks, artifact))};
	}

	await mkdir(path.dirname(file), {recursive: true});
	await pipeline(verified(chunks, artifact), createWriteStream(file), {signal});
	const handle = await open(file, 'r+');
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}

	return {...artifact, file};
}

/** What of a result the shared cache lacks. */
export type Lacking = {readonly objects: readonly StoredArtifact[]; readonly record: boolean; readonly sizeBytes: number};

/**
 * Finds out what has to be sent.
 * @param damaged digests and fingerprints that are there and must be replaced
 */
export async function lackingOf({fingerprint, outputs}: Result, cache: SharedCache, damaged: ReadonlySet<Digest | Fingerprint>): Promise<Lacking> {
	const objects: StoredArtifact[] = [];
	for (const artifact of new Map(Object.values(outputs).map(output => [output.digest, output])).values()) {
		if (damaged.has(artifact.digest) || await cache.sizeOf(artifact.digest) !== artifact.sizeBytes) {
			objects.push(artifact);
		}
	}

	// A record whose objects are gone may name others than ours: it is replaced with them.
	const record = objects.length > 0 || damaged.has(fingerprint) || !await cache.hasRecord(fingerprint);
	return {objects, record, sizeBytes: objects.reduce((sum, {sizeBytes}) => sum + sizeBytes, 0)};
}

/**
 * Sends what the shared cache lacks of a result: the objects, then the record, so that whoever finds the record finds all of it.
 * @throws {RefusedError} when an object is missing or damaged here
 */
export async function sendResult(result: Result, {objects, record}: Lacking, {cache, store, signal}: Ends): Promise<void> {
	for (const artifact of objects) {
		await cache.putObject(artifact.digest, localContent(store, artifact), signal);
	}

	if (record) {
		await cache.putRecord(result.fingerprint, encodeRecord(result), signal);
	}
}

/** An object of the local cache; a damaged one throws at its end, so that it is never sent. */
function localContent(store: Store, artifact: StoredArtifact): Content {
	return {sizeBytes: artifact.sizeBytes, chunks: readable(verified(localChunks(store, artifact.digest), artifact), artifact.digest)};
}

async function * readable(chunks: AsyncIterable<Uint8Array>, digest: Digest): AsyncGenerator<Uint8Array> {
	try {
		yield * chunks;
	} catch (error) {
		throw error instanceof RefusedError ? error : new RefusedError(digest, `object ${digest} cannot be read: ${(error as Error).message}`);
	}
}
