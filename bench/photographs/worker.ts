/**
 * Reads photographs in threads, as the stage `facescrub` does, for `photographs.ts`. The first line that comes in is JSON: files, size and workers. After that,
 * `pixels` is answered with the SHA-256 of each image's pixels, and `pass` with the milliseconds that reading them all took.
 */
import {createHash} from 'node:crypto';
import process from 'node:process';
import readline from 'node:readline';
import type {ImageResult} from '../../datasets/load-images.ts';
import {faceScrub} from '../../stages/11-facescrub.ts';
import {compiledStage, threadsFor} from '../../test/helpers/threads.ts';

// As `loadImages` does before it starts threads.
await import('sharp');
const lines = readline.createInterface({input: process.stdin})[Symbol.asyncIterator]();
const {files, size, workers} = JSON.parse((await lines.next()).value as string) as {readonly files: readonly string[]; readonly size: number; readonly workers: number};
const jobs = files.map(file => ({file, size, channels: 3 as const}));
await using threads = await threadsFor(await compiledStage('./stages/11-facescrub.ts', 'faceScrub'), {size: workers});
const {readImage} = threads.calling(faceScrub.threads!);
for (let line = await lines.next(); !line.done; line = await lines.next()) {
	const digests: string[] = [];
	const startedMs = performance.now();
	for await (const result of readImage(jobs)) {
		if (line.value === 'pixels') {
			digests.push(digestOf(result));
		}
	}

	console.log(JSON.stringify(line.value === 'pixels' ? digests : performance.now() - startedMs));
}

function digestOf(result: ImageResult): string {
	return result instanceof Uint8Array ? createHash('sha256').update(result).digest('hex') : result.reason;
}
