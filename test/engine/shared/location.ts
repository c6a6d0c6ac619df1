import test from 'ava';
import {nameOf, parseLocation} from '../../../engine/shared/location.ts';

const hint = 'Give a folder such as /nfs/team/cache, or a bucket such as s3://bucket/prefix?region=eu-central-1, with &endpoint=http://HOST:PORT for a server other than Amazon\'s.';

test('anything without a scheme is a folder', t => {
	t.deepEqual(parseLocation('/nfs/team', '/base'), {kind: 'folder', folder: '/nfs/team'});
	t.deepEqual(parseLocation('team', '/base'), {kind: 'folder', folder: '/base/team'});
	t.is(nameOf(parseLocation('../team', '/base/here')), '/base/team');
});

test('a bucket has a prefix, an endpoint and a region when its URL says so', t => {
	t.deepEqual(parseLocation('s3://bucket', '/'), {kind: 's3', bucket: 'bucket', prefix: ''});
	t.deepEqual(parseLocation('s3://bucket/a%20b/c/?region=eu-central-1&endpoint=https://host:9000/', '/'), {kind: 's3', bucket: 'bucket', prefix: 'a b/c/', endpoint: 'https://host:9000', region: 'eu-central-1'});
});

test('the name of a bucket says where it is and nothing else', t => {
	t.is(nameOf(parseLocation('s3://bucket/prefix?region=eu-central-1', '/')), 's3://bucket/prefix/');
	t.is(nameOf(parseLocation('s3://bucket?endpoint=http://127.0.0.1:9000', '/')), 's3://bucket/?endpoint=http://127.0.0.1:9000');
});

const wrong: ReadonlyArray<readonly [text: string, message: string, hint: string]> = [
	['', 'The shared cache must not be empty', hint],
	['https://host/bucket', 'The shared cache cannot be at "https://": there are folders and s3:// buckets', hint],
	['s3://', 'The URL of the shared cache names no bucket: ""', hint],
	['s3://host:9000/bucket', 'The URL of the shared cache names no bucket: "host:9000"', hint],
	['s3://bucket?retion=x', 'The URL of the shared cache has an unknown option "retion"', 'There are endpoint and region.'],
	['s3://bucket?endpoint=host', 'The endpoint of the shared cache is no valid URL: "host"', hint],
	['s3://bucket?endpoint=ftp://host', 'The endpoint of the shared cache must start with http:// or https://, got "ftp://host"', hint],
	['s3://bucket?endpoint=http://key:secret@host', 'The endpoint of the shared cache must not hold credentials', 'Name them in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or in a profile (AWS_PROFILE).'],
];

for (const [text, message, hint] of wrong) {
	test(`"${text}" is refused`, t => {
		t.like(t.throws(() => parseLocation(text, '/')), {code: 'shared-location', message, hint});
	});
}
