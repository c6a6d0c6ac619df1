import {chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync} from 'node:fs';
import {createServer, connect, type AddressInfo, type Socket} from 'node:net';
import path from 'node:path';
import process from 'node:process';
import test, {type ExecutionContext} from 'ava';
import {makeRig} from '../helpers/rig.ts';
import {pipeline, start, until} from '../helpers/cli.ts';
import {cacheKinds, removeCaches, s3Server, type TestCache} from '../helpers/shared-caches.ts';

type Rig = Awaited<ReturnType<typeof makeRig>>;

/** What the nodes of the toy pipeline make. */
const report = '{"double":60,"single":30}';

test.after.always(async () => {
	await removeCaches();
});

/** The cache folder of another machine with the same repository. */
function machine(rig: Rig, name: string): readonly string[] {
	return ['--cache', path.join(rig.folder, name)];
}

const summaryOf = (stdout: string) => JSON.parse(stdout.split('\n').at(-1)!) as Record<string, number>;

const reportOf = (rig: Rig) => readFileSync(path.join(rig.folder, 'reports/totals.json'), 'utf8');

/** One test per kind of shared cache. */
function testEverywhere(fact: string, check: (t: ExecutionContext, rig: Rig, there: TestCache) => Promise<void>): void {
	for (const {kind, make} of cacheKinds) {
		test.serial(`${kind}: ${fact}`, async t => {
			const there = await make();
			if ('missing' in there) {
				t.log(there.missing);
				t.pass();
				return;
			}

			using rig = await makeRig();
			await check(t, rig, there);
		});
	}
}

testEverywhere('what one machine ran, another one fetches', async (t, rig, {where}) => {
	const first = await pipeline(rig, ['run', '--shared', where, ...machine(rig, 'a')]);
	t.is(first.exitCode, 0);
	t.regex(first.stderr, /^4 ran in .* s$/m);
	rmSync(path.join(rig.folder, 'reports'), {recursive: true});

	const second = await pipeline(rig, ['run', ...machine(rig, 'b')], {env: {PIPELINE_SHARED: where}});
	t.is(second.exitCode, 0);
	t.regex(second.stderr, /^fetched {3}scaled@single {3,}\d.* s$/m);
	t.regex(second.stderr, /^4 reused \(4 fetched\) in .* s$/m);
	t.is(reportOf(rig), report);

	const third = await pipeline(rig, ['run', '--json', ...machine(rig, 'b')], {env: {PIPELINE_SHARED: where}});
	t.like(summaryOf(third.stdout), {ran: 0, reused: 4});
	t.false(third.stdout.includes('"from":"shared"'));

	const none = await pipeline(rig, ['run', '--json', '--no-shared', ...machine(rig, 'c')], {env: {PIPELINE_SHARED: where}});
	t.like(summaryOf(none.stdout), {ran: 4, reused: 0});
});

testEverywhere('push sends what is missing there, pull fetches what is stale here', async (t, rig, {where, list}) => {
	const [a, b] = [machine(rig, 'a'), machine(rig, 'b')];
	const empty = await pipeline(rig, ['pull', '--shared', where, ...b]);
	t.is(empty.stdout, '0 fetched, 0 B; 0 were fresh, 1 are not in the shared cache, 3 wait for inputs');
	t.is(empty.stderr, 'missing   numbers');
	t.is((await pipeline(rig, ['push', '--shared', where, ...a])).stdout, '0 sent, 0 B; 0 were there, 4 nodes have no result: pipeline run');

	await pipeline(rig, ['run', ...a]);
	t.is((await pipeline(rig, ['push', '--dry-run', '--shared', where, ...a])).stdout, '4 would be sent, 62 B; 0 were there');
	t.deepEqual(await list(), []);
	const pushed = await pipeline(rig, ['push', 'scaled@double', '--shared', where, ...a]);
	t.is(pushed.stdout, '2 sent, 25 B; 0 were there');
	t.deepEqual(pushed.stderr.split('\n').toSorted(), ['sent          12 B  numbers', 'sent          13 B  scaled@double']);
	t.is((await pipeline(rig, ['push', '--all', '--json', '--shared', where, ...a])).stdout, '{"sent":2,"present":2,"refused":0,"sentBytes":25,"stale":0,"isDryRun":false}');

	t.is((await pipeline(rig, ['pull', '--dry-run', '--shared', where, ...b])).stdout, '4 would be fetched, at most 62 B; 0 were fresh');
	const pulled = await pipeline(rig, ['pull', 'scaled@double', '--shared', where, ...b]);
	t.is(pulled.stdout, '2 fetched, 25 B; 0 were fresh');
	t.is(pulled.stderr, 'fetched       12 B  numbers\nfetched       13 B  scaled@double');
	t.is((await pipeline(rig, ['pull', '--json', '--shared', where, ...b])).stdout, '{"fetched":2,"fresh":2,"missing":0,"refused":0,"waiting":0,"fetchedBytes":25,"isDryRun":false}');
	t.like(summaryOf((await pipeline(rig, ['run', '--json', ...b])).stdout), {ran: 0, reused: 4});
});

testEverywhere('an object that is damaged there is computed here, and mended there', async (t, rig, {where, list, read, write}) => {
	await pipeline(rig, ['run', '--shared', where, ...machine(rig, 'a')]);
	const object = (await list()).find(file => file.startsWith('objects/'))!;
	const bytes = await read(object);
	await write(object, bytes.with(0, bytes[0]! ^ 1));
	const digest = object.replace('objects/', '').replace('/', '');

	const pulled = await pipeline(rig, ['pull', '--shared', where, ...machine(rig, 'c')]);
	t.true(pulled.stderr.includes(`: object ${digest} is damaged: its bytes have another digest`), pulled.stderr);
	t.regex(pulled.stdout, /, 1 are damaged there/);

	const {exitCode, stderr} = await pipeline(rig, ['run', '--shared', where, ...machine(rig, 'b')]);
	t.is(exitCode, 0);
	t.regex(stderr, new RegExp(String.raw`^warning {3}object ${digest} is damaged: its bytes have another digest in the shared cache; \S+ is computed here$`, 'm'));
	t.regex(stderr, /^1 ran, 3 reused \(3 fetched\) in/m);
	t.is(reportOf(rig), report);
	t.deepEqual(await read(object), bytes);
});

testEverywhere('processes that run and push at once leave a cache from which everything can be fetched', async (t, rig, {where, unfinished}) => {
	const runs = await Promise.all(['a', 'b', 'c'].map(async (name, index) =>
		pipeline(rig, ['run', '--shared', where, '--set', `total.offset=${index}`, '--reports', path.join(rig.folder, name, 'reports'), ...machine(rig, name)])));
	t.deepEqual(runs.map(({exitCode}) => exitCode), [0, 0, 0]);
	for (const offset of [0, 1, 2]) {
		const {stdout} = await pipeline(rig, ['run', '--json', '--shared', where, '--set', `total.offset=${offset}`, ...machine(rig, `reader-${offset}`)]);
		t.like(summaryOf(stdout), {ran: 0, reused: 4});
		t.is(reportOf(rig), JSON.stringify({double: 60 + offset, single: 30 + offset}));
	}

	t.is(await unfinished(), 0);
});

test.serial('without the folder a run goes on, and the next one with it sends what waited', async t => {
	using rig = await makeRig();
	const where = path.join(rig.folder, 'team');
	const args = ['run', '--shared', where, ...machine(rig, 'a')];
	const {exitCode, stderr} = await pipeline(rig, args);
	t.is(exitCode, 0);
	t.is(reportOf(rig), report);
	t.is(stderr.split('\n').filter(line => !/^(?:ran|4 ran) /.test(line)).join('\n'), [
		`warning   The shared cache "${where}" does not exist`,
		'          Mount it, or make the folder the first time.',
		'          The run goes on without it; results wait in the local cache and are sent by the next run or by: pipeline push',
	].join('\n'));
	t.false(existsSync(where), 'it may be a place where nothing is mounted');

	mkdirSync(where);
	t.like(summaryOf((await pipeline(rig, [...args, '--json'])).stdout), {ran: 0, reused: 4});
	t.is((await pipeline(rig, ['pull', '--shared', where, ...machine(rig, 'b')])).stdout, '4 fetched, 50 B; 0 were fresh');
	t.deepEqual(readdirSync(path.join(where, 'temporary')), []);
});

test.serial('a folder that may only be read is read, and says once that nothing is sent', async t => {
	if (process.getuid?.() === 0) {
		t.log('left out: permissions do not hold for root');
		t.pass();
		return;
	}

	using rig = await makeRig();
	const where = path.join(rig.folder, 'team');
	mkdirSync(where);
	await pipeline(rig, ['run', 'numbers', '--shared', where, ...machine(rig, 'a')]);
	chmodSync(where, 0o555);
	const {exitCode, stderr} = await pipeline(rig, ['run', '--shared', where, ...machine(rig, 'b')]);
	t.is(exitCode, 0);
	t.regex(stderr, /^fetched {3}numbers/m);
	t.is(stderr.match(/Nothing more is sent/g)?.length, 1);
});

const mistakes: ReadonlyArray<readonly [fact: string, args: readonly string[], stderr: string]> = [
	['no shared cache to pull from', ['pull'], 'error No shared cache is named\nName one: --shared /nfs/team/cache, or --shared s3://bucket/prefix, or PIPELINE_SHARED in the environment.'],
	['another kind of URL', ['run', '--shared', 'gs://bucket'], 'error The shared cache cannot be at "gs://": there are folders and s3:// buckets\nGive a folder such as /nfs/team/cache, or a bucket such as s3://bucket/prefix?region=eu-central-1, with &endpoint=http://HOST:PORT for a server other than Amazon\'s.'],
	['credentials in the URL', ['run', '--shared', 's3://key:secret@bucket'], 'error The URL of the shared cache must not hold credentials\nName them in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or in a profile (AWS_PROFILE).'],
	['a folder that is missing', ['push', '--all', '--shared', '/nowhere/cache'], 'error The shared cache "/nowhere/cache" does not exist\nMount it, or make the folder the first time.'],
	['a file in place of the folder', ['push', '--all', '--shared', 'params.json'], 'error The shared cache "FOLDER/params.json" is a file, expected a folder\nName another one with --shared FOLDER.'],
];

for (const [fact, args, expected] of mistakes) {
	test.serial(`${fact} ends in exit code 2 and says what to do`, async t => {
		using rig = await makeRig();
		await pipeline(rig, ['run', 'numbers']);
		const {exitCode, stderr} = await pipeline(rig, args, {env: {PIPELINE_SHARED: undefined}});
		t.is(stderr.replaceAll(rig.folder, 'FOLDER'), expected);
		t.is(exitCode, 2);
	});
}

test.serial('a bucket that cannot be used is explained', async t => {
	const server = await s3Server();
	if ('missing' in server) {
		t.log(server.missing);
		t.pass();
		return;
	}

	using rig = await makeRig();
	await pipeline(rig, ['run', 'numbers']);
	const explains = async (url: string, env: Readonly<Record<string, string | undefined>>, expected: string) => {
		const {exitCode, stderr} = await pipeline(rig, ['push', '--all', '--shared', url], {env});
		t.is(stderr, expected);
		t.is(exitCode, 2);
	};

	const {endpoint} = server;
	const where = `s3://absent/?endpoint=${endpoint}`;
	await explains(where, {}, `error The shared cache "${where}": there is no bucket "absent"\nMake the bucket, or check its name and the endpoint.`);
	const closed = await closedPort();
	await explains(`s3://absent/?endpoint=http://127.0.0.1:${closed}`, {}, `error The shared cache "s3://absent/?endpoint=http://127.0.0.1:${closed}" cannot be reached\n  problem  ECONNREFUSED\nCheck the endpoint, the network and whether the server runs.`);
	const bucket = await server.bucket('denied');
	const named = bucket.replace('team?', 'team/?');
	const hint = 'Check the credentials (AWS_ACCESS_KEY_ID, AWS_PROFILE) and that they may get, put and list in the bucket.';
	await explains(bucket, {AWS_ACCESS_KEY_ID: 'stranger'}, `error The shared cache "${named}" denies access\n  answer  403\n${hint}`);
	await explains(bucket, {AWS_SECRET_ACCESS_KEY: 'wrong'}, `error The shared cache "${named}" denies access\n  answer  403\n${hint}`);
	await explains(bucket, {AWS_ACCESS_KEY_ID: undefined, AWS_SECRET_ACCESS_KEY: undefined, AWS_EC2_METADATA_DISABLED: 'true'}, `error The shared cache "${named}" needs credentials, and none were found\nSet AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile in AWS_PROFILE.`);
});

test.serial('a bucket that may only be read is read, and says once that nothing is sent', async t => {
	const server = await s3Server();
	if ('missing' in server) {
		t.log(server.missing);
		t.pass();
		return;
	}

	using rig = await makeRig();
	const where = await server.bucket('readable');
	await pipeline(rig, ['run', 'numbers', '--shared', where, ...machine(rig, 'a')]);
	const reader = {AWS_ACCESS_KEY_ID: 'reader', AWS_SECRET_ACCESS_KEY: 'secret-of-the-reader'};
	const {exitCode, stderr} = await pipeline(rig, ['run', '--shared', where, ...machine(rig, 'b')], {env: reader});
	t.is(exitCode, 0);
	t.regex(stderr, /^fetched {3}numbers/m);
	t.regex(stderr, /^3 ran, 1 reused \(1 fetched\) in/m);
	t.is(stderr.match(/Nothing more is sent/g)?.length, 1);
	t.is((await pipeline(rig, ['push', '--shared', where, ...machine(rig, 'b')])).stdout, '3 sent, 38 B; 1 were there');
});

test.serial('Ctrl-C while results are sent keeps the rest for later', async t => {
	const server = await s3Server();
	if ('missing' in server) {
		t.log(server.missing);
		t.pass();
		return;
	}

	using rig = await makeRig();
	await using network = await stallingNetwork(server.endpoint);
	const where = (await server.bucket('interrupted')).replace(server.endpoint, network.endpoint);
	network.stallAt('PUT ');
	const run = start(rig.folder, ['run', '--json', '--shared', where, ...machine(rig, 'a')]);
	let seen = '';
	run.onOutput(text => {
		seen += text;
	});
	await until(() => seen.includes('"sending"'), 'the run is sending', 60_000);
	run.kill('SIGINT');
	const {exitCode, stdout} = await run.ended();
	t.is(exitCode, 130);
	t.like(summaryOf(stdout), {ran: 4});

	network.stallAt(undefined);
	const next = await pipeline(rig, ['run', '--json', '--shared', where, ...machine(rig, 'a')]);
	t.like(summaryOf(next.stdout), {ran: 0, reused: 4});
	t.is((await pipeline(rig, ['pull', '--shared', where, ...machine(rig, 'b')])).stdout, '4 fetched, 50 B; 0 were fresh');
});

/** A way to a server on which requests get stuck when a test says so. */
async function stallingNetwork(endpoint: string) {
	const {hostname, port} = new URL(endpoint);
	const sockets = new Set<Socket>();
	let stuck: string | undefined;
	const proxy = createServer(inside => {
		const outside = connect(Number(port), hostname);
		for (const socket of [inside, outside]) {
			sockets.add(socket);
			socket.on('error', () => socket.destroy());
		}

		inside.on('data', (chunk: Uint8Array) => {
			const request = String(chunk.subarray(0, 10));
			if (stuck === undefined || !request.startsWith(stuck)) {
				outside.write(chunk);
			}
		});
		inside.on('close', () => outside.destroy());
		outside.pipe(inside);
	});
	await new Promise<void>(resolve => {
		proxy.listen(0, '127.0.0.1', resolve);
	});
	return {
		endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
		/** Swallows requests that begin like this; none when absent. */
		stallAt(beginning: string | undefined): void {
			stuck = beginning;
		},
		async [Symbol.asyncDispose](): Promise<void> {
			for (const socket of sockets) {
				socket.destroy();
			}

			await new Promise(resolve => {
				proxy.close(resolve);
			});
		},
	};
}

/** A port that nobody listens on. */
async function closedPort(): Promise<number> {
	const server = createServer();
	await new Promise<void>(resolve => {
		server.listen(0, '127.0.0.1', resolve);
	});
	const {port} = server.address() as AddressInfo;
	await new Promise(resolve => {
		server.close(resolve);
	});
	return port;
}
