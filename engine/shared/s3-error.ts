import {UserError} from '../error.ts';
import {nameOf, type SharedLocation} from './location.ts';
import {RefusedError} from './verified.ts';

/** What the client's errors may carry; none of it is certain. */
type ClientError = Error & {readonly code?: string; readonly $metadata?: {readonly httpStatusCode?: number}};

/** The error of a key that is not there, as opposed to a bucket. */
export function isMissing(error: unknown): boolean {
	const {name, $metadata} = error as ClientError;
	return name === 'NoSuchKey' || (name === 'NotFound' && $metadata?.httpStatusCode === 404);
}

/** Network trouble, by the codes of Node and the name the client gives to a time-out. */
const unreachable = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'TimeoutError']);

/** Puts what goes wrong with a bucket into words; what is not the server's fault passes. */
export function explainS3Error(error: unknown, location: Extract<SharedLocation, {kind: 's3'}>): unknown {
	if (!(error instanceof Error) || error instanceof UserError || error instanceof RefusedError || error.name === 'AbortError') {
		return error;
	}

	const where = `The shared cache "${nameOf(location)}"`;
	const {name, code = '', message, $metadata: {httpStatusCode: status = 0} = {}} = error as ClientError;
	// An answer to HEAD has no body, so nothing but its status is known.
	const answer = {answer: status === 0 ? message : `${status}${name === 'Unknown' ? '' : ` ${name}`}`};
	if (unreachable.has(code) || unreachable.has(name)) {
		return new UserError('shared-unreachable', `${where} cannot be reached`, {cause: error, facts: {problem: code || message}, hint: 'Check the endpoint, the network and whether the server runs.'});
	}

	if (name === 'NoSuchBucket') {
		return new UserError('shared-missing', `${where}: there is no bucket "${location.bucket}"`, {cause: error, hint: 'Make the bucket, or check its name and the endpoint.'});
	}

	if (name === 'CredentialsProviderError') {
		return new UserError('shared-denied', `${where} needs credentials, and none were found`, {cause: error, hint: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile in AWS_PROFILE.'});
	}

	if (message === 'Region is missing') {
		return new UserError('shared-location', `${where} needs a region`, {cause: error, hint: 'Add ?region=… to its URL, or set AWS_REGION.'});
	}

	if (status === 401 || status === 403) {
		return new UserError('shared-denied', `${where} denies access`, {cause: error, facts: answer, hint: 'Check the credentials (AWS_ACCESS_KEY_ID, AWS_PROFILE) and that they may get, put and list in the bucket.'});
	}

	return new UserError('shared-failed', `${where} fails`, {cause: error, facts: answer, hint: 'Check that the endpoint is that of an S3-compatible server.'});
}
