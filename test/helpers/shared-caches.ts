import {chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {DeleteObjectCommand, GetObjectCommand, ListMultipartUploadsCommand, ListObjectsV2Command, PutObjectCommand} from '@aws-sdk/client-s3';
import {startS3Server, type S3Server} from './s3-server.ts';

/** An empty shared cache, and what somebody who does not use this software can do to it. */
export type TestCache = {
	/** For `--shared`. */
	readonly where: string;
	/** Paths of all files or keys, sorted. */
	readonly list: () => Promise<readonly string[]>;
	readonly read: (relative: string) => Promise<Uint8Array>;
	readonly write: (relative: string, bytes: Uint8Array) => Promise<void>;
	readonly remove: (relative: string) => Promise<void>;
	/** Parts and drafts of uploads that did not end. */
	readonly unfinished: () => Promise<number>;
};

export type CacheKind = {
	readonly kind: 'folder' | 'S3';
	/** @returns why there is none when the server of the tests cannot be had */
	readonly make: () => Promise<TestCache | {readonly missing: string}>;
};

let server: Promise<S3Server | {readonly missing: string}> | undefined;
let buckets = 0;
const folders: string[] = [];

/** Every implementation of a shared cache; one server serves all tests of a file. */
export const cacheKinds: readonly CacheKind[] = [
	{kind: 'folder', make: async () => folderForTests()},
	{kind: 'S3', make: bucketForTests},
];

/** The server of this file's tests; its credentials are in the environment from then on. */
export async function s3Server(): Promise<S3Server | {readonly missing: string}> {
	server ??= startS3Server();
	const started = await server;
	if ('env' in started) {
		Object.assign(process.env, started.env);
	}

	return started;
}

/** To be called when all tests of a file have ended. */
export async function removeCaches(): Promise<void> {
	const started = await server;
	if (started && 'stop' in started) {
		await started.stop();
	}

	for (const folder of folders) {
		rmSync(folder, {recursive: true, force: true});
	}
}

function folderForTests(): TestCache {
	const folder = mkdtempSync(path.join(tmpdir(), 'shared-'));
	folders.push(folder);
	const fileOf = (relative: string) => path.join(folder, relative);
	const list = () => readdirSync(folder, {recursive: true, encoding: 'utf8'}).filter(file => statSync(fileOf(file)).isFile()).map(file => file.replaceAll('\\', '/')).toSorted();
	return {
		where: folder,
		list: async () => list().filter(file => !file.startsWith('temporary/')),
		read: async relative => readFileSync(fileOf(relative)),
		async write(relative, bytes) {
			mkdirSync(path.dirname(fileOf(relative)), {recursive: true});
			rmSync(fileOf(relative), {force: true});
			writeFileSync(fileOf(relative), bytes);
			chmodSync(fileOf(relative), 0o444);
		},
		async remove(relative) {
			rmSync(fileOf(relative));
		},
		unfinished: async () => list().filter(file => file.startsWith('temporary/')).length,
	};
}

async function bucketForTests(): Promise<TestCache | {readonly missing: string}> {
	const started = await s3Server();
	if ('missing' in started) {
		return started;
	}

	const {client} = started;
	buckets += 1;
	const bucket = `bucket-${buckets}`;
	const at = (relative: string) => ({Bucket: bucket, Key: `team/${relative}`});
	return {
		where: await started.bucket(bucket),
		async list() {
			const {Contents = []} = await client.send(new ListObjectsV2Command({Bucket: bucket}));
			return Contents.map(({Key}) => Key!.replace('team/', '')).toSorted();
		},
		async read(relative) {
			const {Body} = await client.send(new GetObjectCommand(at(relative)));
			return Body!.transformToByteArray();
		},
		async write(relative, bytes) {
			await client.send(new PutObjectCommand({...at(relative), Body: bytes}));
		},
		async remove(relative) {
			await client.send(new DeleteObjectCommand(at(relative)));
		},
		async unfinished() {
			const {Uploads = []} = await client.send(new ListMultipartUploadsCommand({Bucket: bucket}));
			return Uploads.length;
		},
	};
}
