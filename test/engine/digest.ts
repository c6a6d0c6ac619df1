import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {digestBytes, digestFile, digestStream, digestText, isDigest} from '../../engine/digest.ts';

/*
Made with python-xxhash:
	def digest(b): return xxhash.xxh64(b, seed=0x9e3779b97f4a7c15).hexdigest() + xxhash.xxh64(b, seed=0xc2b2ae3d27d4eb4f).hexdigest()
	digest(b''), digest(b'a'), digest('Gesicht ∞'.encode()), digest(bytes(range(256)) * 5)
*/
const golden = {
	empty: 'c4349fc93c010000adee83542c1d2733',
	a: '9a7c6d2ea45568c980aada59de79ff12',
	text: 'edc5278e49e90f47f7abc3fb5acf4aa4',
	bytes: 'f03dbac0c446097e2c47b3930fea629f',
};
const bytes = Uint8Array.from({length: 256 * 5}, (_, index) => index % 256);

test('a digest is two seeded XXH64 hashes in a row', t => {
	t.is(digestBytes(new Uint8Array()), golden.empty as never);
	t.is(digestText('a'), golden.a as never);
	t.is(digestBytes(bytes), golden.bytes as never);
});

test('a text is hashed as UTF-8', t => {
	t.is(digestText('Gesicht ∞'), golden.text as never);
});

test('a stream gives the digest of its bytes however they are cut', t => {
	for (const size of [1, 7, 32, 33, 1000]) {
		const stream = digestStream();
		for (let at = 0; at < bytes.length; at += size) {
			stream.update(bytes.subarray(at, at + size));
		}

		t.is(stream.digest(), golden.bytes as never, `${size}`);
	}
});

test('streams that are fed in turn do not disturb each other', t => {
	const streams = [digestStream(), digestStream()];
	for (const byte of bytes) {
		streams[0]!.update(Uint8Array.of(byte));
		streams[1]!.update(Uint8Array.of(255 - byte));
	}

	t.is(streams[0]!.digest(), golden.bytes as never);
});

test('a file has the digest of its bytes', t => {
	const folder = mkdtempSync(path.join(tmpdir(), 'digest-'));
	t.teardown(() => {
		rmSync(folder, {recursive: true});
	});
	writeFileSync(path.join(folder, 'file'), bytes);
	writeFileSync(path.join(folder, 'empty'), '');
	t.is(digestFile(path.join(folder, 'file')), golden.bytes as never);
	t.is(digestFile(path.join(folder, 'empty')), golden.empty as never);
});

test('many bytes have the digest of a stream of them', t => {
	const many = new Uint8Array(600_001).map((_, index) => index * 7);
	const stream = digestStream();
	stream.update(many);
	t.is(digestBytes(many), stream.digest());
});

test('one flipped bit changes both halves', t => {
	const flipped = Uint8Array.from(bytes);
	flipped[600]! ^= 1;
	const digest = digestBytes(flipped);
	t.not(digest.slice(0, 16), golden.bytes.slice(0, 16));
	t.not(digest.slice(16), golden.bytes.slice(16));
});

test('a view into a larger buffer is hashed alone', t => {
	const buffer = new Uint8Array(3000).fill(9);
	buffer.set(bytes, 17);
	t.is(digestBytes(buffer.subarray(17, 17 + bytes.length)), golden.bytes as never);
});

test('only 32 hex digits in lower case are a digest', t => {
	t.true(isDigest(golden.a));
	t.false(isDigest(golden.a.toUpperCase()));
	t.false(isDigest(golden.a.slice(1)));
	t.false(isDigest(`${golden.a}\n`));
});
