import process from 'node:process';
import {Readable} from 'node:stream';
import type {S3Client} from '@aws-sdk/client-s3';
import type {SharedLocation} from './location.ts';
import {explainS3Error, isMissing} from './s3-error.ts';
import {collect, objectPath, readRecord, recordPath, type Content, type SharedCache} from './shared-cache.ts';

/** Objects up to this size are sent in one request from memory; larger ones in parts of at least this size, a few at a time. */
const partBytes = 8 * 1024 * 1024;
const partsAtATime = 2;

/** The most parts that S3 takes for one object. */
const maxParts = 10_000;

/** A server that does not answer must not hold up the run for long. */
const connectionTimeoutMs = 5000;
const silenceTimeoutMs = 30_000;

/**
 * A shared cache in a bucket of Amazon S3 or of a server that speaks its protocol. An object appears when its last byte has arrived.
 * The client is loaded here and not by an import declaration, which would load it with the command line.
 */
export async function s3Cache(location: Extract<SharedLocation, {kind: 's3'}>): Promise<SharedCache> {
	const {GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client} = await import('@aws-sdk/client-s3');
	const {bucket, prefix, endpoint, region} = location;
	// The client warns on Node 20 about its own future versions; ours is pinned to one that works there.
	process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
	const client = new S3Client({
		// Servers other than Amazon's ignore the region, and many have no host name per bucket.
		...(endpoint === undefined ? {followRegionRedirects: true} : {endpoint, forcePathStyle: true, region: 'us-east-1'}),
		...(region === undefined ? {} : {region}),
		// Not every server knows the newer checksums, and what arrives is checked against its digest.
		requestChecksumCalculation: 'WHEN_REQUIRED',
		responseChecksumValidation: 'WHEN_REQUIRED',
		requestHandler: {connectionTimeout: connectionTimeoutMs, socketTimeout: silenceTimeoutMs},
	});
	const at = (relative: string) => ({Bucket: bucket, Key: `${prefix}${relative}`});

	const guarded = async <Value>(perform: () => Promise<Value>): Promise<Value> => {
		try {
			return await perform();
		} catch (error) {
			throw explainS3Error(error, location);
		}
	};

	/** Nothing in place of the error for a key that is not there. */
	const unlessMissing = async <Value>(perform: () => Promise<Value>): Promise<Value | undefined> => guarded(async () => {
		try {
			return await perform();
		} catch (error) {
			if (isMissing(error)) {
				return undefined;
			}

			throw error;
		}
	});

	const sizeOf = async (relative: string) => unlessMissing(async () => (await client.send(new HeadObjectCommand(at(relative)))).ContentLength ?? 0);

	const chunksOf = async (relative: string, abortSignal: AbortSignal) => unlessMissing(async () => {
		const {Body} = await client.send(new GetObjectCommand(at(relative)), {abortSignal});
		return guardedChunks(Body as Readable, location);
	});

	const put = async (relative: string, body: Uint8Array, abortSignal: AbortSignal) => guarded(async () =>
		client.send(new PutObjectCommand({...at(relative), Body: body, ContentLength: body.length}), {abortSignal}));

	return {
		hasRecord: async fingerprint => await sizeOf(recordPath(fingerprint)) !== undefined,
		async getRecord(fingerprint, signal) {
			const chunks = await chunksOf(recordPath(fingerprint), signal);
			return chunks && readRecord(chunks);
		},
		async putRecord(fingerprint, text, signal) {
			await put(recordPath(fingerprint), new TextEncoder().encode(text), signal);
		},
		sizeOf: async digest => sizeOf(objectPath(digest)),
		getObject: async (digest, signal) => chunksOf(objectPath(digest), signal),
		async putObject(digest, content, signal) {
			const isSmall = content.sizeBytes <= partBytes;
			await (isSmall ? put(objectPath(digest), await collect(content.chunks), signal) : guarded(async () => uploadParts(client, at(objectPath(digest)), content, signal)));
		},
		close() {
			client.destroy();
		},
	};
}

/** An upload that fails or is aborted leaves no object, and its parts are removed. */
async function uploadParts(client: S3Client, at: {readonly Bucket: string; readonly Key: string}, {sizeBytes, chunks}: Content, signal: AbortSignal): Promise<void> {
	const {Upload} = await import('@aws-sdk/lib-storage');
	signal.throwIfAborted();
	const body = Readable.from(chunks, {objectMode: false});
	const upload = new Upload({
		client,
		params: {...at, Body: body},
		partSize: Math.max(partBytes, Math.ceil(sizeBytes / maxParts)),
		queueSize: partsAtATime,
	});
	const abort = () => {
		void upload.abort();
	};

	signal.addEventListener('abort', abort, {once: true});
	try {
		await upload.done();
	} finally {
		signal.removeEventListener('abort', abort);
		// After a failure nobody else closes the file behind it.
		body.destroy();
	}
}

async function * guardedChunks(chunks: AsyncIterable<Uint8Array>, location: Extract<SharedLocation, {kind: 's3'}>): AsyncGenerator<Uint8Array> {
	try {
		yield * chunks;
	} catch (error) {
		throw explainS3Error(error, location);
	}
}
