import {availableParallelism, freemem, totalmem} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import {formatBytes} from '../format.ts';
import type {Finding, Site} from './finding.ts';
import {readManifest} from './packages.ts';

/** Longer, and a program counts as absent. */
const timeoutMs = 10_000;

/** Stages that train need about this much. */
const comfortableMemoryBytes = 1e9;

/** Whether this Node is one that the project supports. */
export function nodeVersion({pipelineFile}: Pick<Site, 'pipelineFile'>, version: string = process.versions.node): readonly Finding[] {
	const supported = readManifest(pipelineFile)?.engines?.node;
	const oldest = /^>=\s*([\d.]+)$/.exec(supported ?? '')?.[1];
	if (supported === undefined || oldest === undefined) {
		return [{check: 'Node.js', status: 'ok', found: `${version}; package.json names no oldest version`}];
	}

	return isOlder(version, oldest)
		? [{check: 'Node.js', status: 'problem', found: `${version}, supported: ${supported}`, hint: `Install Node.js ${oldest} or newer.`}]
		: [{check: 'Node.js', status: 'ok', found: `${version}, supported: ${supported}`}];
}

function isOlder(version: string, oldest: string): boolean {
	const [parts, wanted] = [version, oldest].map(text => text.split('.').map(Number));
	const at = wanted!.findIndex((part, index) => part !== parts![index]);
	return at !== -1 && (parts![at] ?? 0) < wanted![at]!;
}

export function machine(): readonly Finding[] {
	const free = freemem();
	const found = `${process.platform} ${process.arch}, ${availableParallelism()} cores, ${formatBytes(free)} of ${formatBytes(totalmem())} memory free`;
	return [free < comfortableMemoryBytes ? {check: 'machine', status: 'warning', found, hint: 'With little memory, run fewer nodes at a time: --jobs 1.'} : {check: 'machine', status: 'ok', found}];
}

/** GPUs of NVIDIA say so themselves; others show when a backend tries them. */
export async function gpu(): Promise<readonly Finding[]> {
	const listed = await outputOf('nvidia-smi', ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader']);
	return [listed === undefined || listed === ''
		? {check: 'GPU', status: 'note', found: 'none that nvidia-smi knows of'}
		: {check: 'GPU', status: 'ok', found: listed}];
}

/** Memory of the first GPU of NVIDIA; nothing where there is none. */
export async function gpuMemoryBytes(): Promise<number | undefined> {
	const listed = await outputOf('nvidia-smi', ['--query-gpu=memory.total', '--format=csv,noheader,nounits']);
	const mebibytes = Number.parseFloat(listed ?? '');
	return Number.isFinite(mebibytes) ? mebibytes * (2 ** 20) : undefined;
}

/** The commit that results are recorded with. */
export async function repository({pipelineFile}: Site): Promise<readonly Finding[]> {
	const cwd = path.dirname(pipelineFile);
	const commit = await outputOf('git', ['rev-parse', '--short=10', 'HEAD'], cwd);
	if (commit === undefined) {
		return [{check: 'git', status: 'note', found: 'no commit: results cannot say what code they were made with', hint: 'Keep the project in a git repository.'}];
	}

	const changed = (await outputOf('git', ['status', '--porcelain'], cwd) ?? '').split('\n').filter(line => line !== '').length;
	return [{check: 'git', status: 'ok', found: `commit ${commit}${changed > 0 ? `, ${changed} ${changed === 1 ? 'file differs' : 'files differ'} from it` : ''}`}];
}

/** What a program prints; nothing when it is absent or fails. */
async function outputOf(program: string, args: readonly string[], cwd?: string): Promise<string | undefined> {
	// Loaded here, because every command loads this file.
	const [{execFile}, {promisify}] = await Promise.all([import('node:child_process'), import('node:util')]);
	try {
		const {stdout} = await promisify(execFile)(program, args, {cwd, timeout: timeoutMs});
		return stdout.trimEnd();
	} catch {
		return undefined;
	}
}
