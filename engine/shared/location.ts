import path from 'node:path';
import {UserError} from '../error.ts';

/** Where a shared cache is. */
export type SharedLocation =
	| {readonly kind: 'folder'; /** Absolute. */ readonly folder: string}
	| {
		readonly kind: 's3';
		readonly bucket: string;
		/** What every key begins with: empty, or ending in a slash. */
		readonly prefix: string;
		/** Of an S3-compatible server; absent for Amazon's. */
		readonly endpoint?: string;
		/** Absent when the environment or the profile says it. */
		readonly region?: string;
	};

const hint = 'Give a folder such as /nfs/team/cache, or a bucket such as s3://bucket/prefix?region=eu-central-1, with &endpoint=http://HOST:PORT for a server other than Amazon\'s.';

/**
 * Reads what `--shared` says: a folder, or `s3://bucket/prefix?endpoint=…&region=…`.
 * @param base what a relative folder starts at
 * @throws {UserError} `shared-location` that says what is wrong with it
 */
export function parseLocation(text: string, base: string): SharedLocation {
	if (text.trim() === '') {
		throw wrong('The shared cache must not be empty');
	}

	const scheme = /^([a-z][a-z\d+.-]+):\/\//i.exec(text)?.[1]?.toLowerCase();
	if (scheme === undefined) {
		return {kind: 'folder', folder: path.resolve(base, text)};
	}

	if (scheme !== 's3') {
		throw wrong(`The shared cache cannot be at "${scheme}://": there are folders and s3:// buckets`);
	}

	return parseBucket(parseUrl(text, 'The shared cache'));
}

/** One text per location, for messages and for the outbox; it holds no secret. */
export function nameOf(location: SharedLocation): string {
	if (location.kind === 'folder') {
		return location.folder;
	}

	const {bucket, prefix, endpoint} = location;
	return `s3://${bucket}/${prefix}${endpoint === undefined ? '' : `?endpoint=${endpoint}`}`;
}

function parseBucket(url: URL): SharedLocation {
	if (url.username !== '' || url.password !== '') {
		throw wrong('The URL of the shared cache must not hold credentials', 'Name them in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or in a profile (AWS_PROFILE).');
	}

	const unknown = [...url.searchParams.keys()].find(key => key !== 'endpoint' && key !== 'region');
	if (unknown !== undefined) {
		throw wrong(`The URL of the shared cache has an unknown option "${unknown}"`, 'There are endpoint and region.');
	}

	if (url.hostname === '' || url.port !== '') {
		throw wrong(`The URL of the shared cache names no bucket: "${url.host}"`);
	}

	const prefix = decodeURIComponent(url.pathname).replaceAll(/^\/+|\/+$/g, '');
	const endpoint = url.searchParams.get('endpoint') ?? undefined;
	const region = url.searchParams.get('region') ?? undefined;
	return {
		kind: 's3',
		bucket: url.hostname,
		prefix: prefix === '' ? '' : `${prefix}/`,
		...(endpoint === undefined ? {} : {endpoint: parseEndpoint(endpoint)}),
		...(region === undefined ? {} : {region}),
	};
}

function parseEndpoint(text: string): string {
	const url = parseUrl(text, 'The endpoint of the shared cache');
	if (url.protocol !== 'http:' && url.protocol !== 'https:') {
		throw wrong(`The endpoint of the shared cache must start with http:// or https://, got "${text}"`);
	}

	if (url.username !== '' || url.password !== '') {
		throw wrong('The endpoint of the shared cache must not hold credentials', 'Name them in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or in a profile (AWS_PROFILE).');
	}

	return url.href.replace(/\/$/, '');
}

function parseUrl(text: string, what: string): URL {
	try {
		return new URL(text);
	} catch (error) {
		throw new UserError('shared-location', `${what} is no valid URL: "${text}"`, {hint, cause: error});
	}
}

function wrong(message: string, whatToDo = hint): UserError {
	return new UserError('shared-location', message, {hint: whatToDo});
}
