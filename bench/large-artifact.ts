/**
 * Publishes artifacts of growing size and reads each again, and prints the memory of the processes that took part: publishing takes the same for all sizes.
 *
 *     npx tsx bench/large-artifact.ts [--megabytes 1,100,1000]
 */
import {rmSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {parseArgs} from 'node:util';
import {pipelineProcess} from './pipeline-process.ts';
import {Scratch} from './scratch.ts';
import {markdownTable} from './statistics.ts';

type Finished = {readonly event: string; readonly node: string; readonly durationMs: number; readonly outcome: {readonly outcome: string; readonly peakMemoryBytes?: number}};

const {values} = parseArgs({options: {megabytes: {type: 'string', default: '1,100,1000'}}});
using scratch = new Scratch('large-');
const {folder} = scratch;
const rows: string[][] = [];
for (const megabytes of values.megabytes.split(',')) {
	const common = ['run', '--json', '--jobs', '1', '--pipeline', path.join(import.meta.dirname, 'large/pipeline.ts'), '--cache', path.join(folder, megabytes), '--set', `written.megabytes=${megabytes}`];
	// Each in a run of its own, so that both start in a fresh worker.
	const publishing = await pipelineProcess([...common, 'written'], folder);
	const reading = await pipelineProcess([...common, 'measured'], folder);
	const [write, read] = [finished(publishing.output, 'written'), finished(reading.output, 'measured')];
	rows.push([
		Number(megabytes).toLocaleString('en'),
		(write.durationMs / 1000).toFixed(2),
		inMegabytes(write.outcome.peakMemoryBytes),
		inMegabytes(publishing.peakBytes),
		(read.durationMs / 1000).toFixed(2),
		inMegabytes(read.outcome.peakMemoryBytes),
		inMegabytes(reading.peakBytes),
	]);
	rmSync(path.join(folder, megabytes), {recursive: true});
}

process.stdout.write(`${markdownTable(['artifact, MB', 'publishing, s', 'its worker, MB', 'coordinator, MB', 'reading, s', 'its worker, MB', 'coordinator, MB'], rows, 0)}\n`);

function finished(output: string, node: string): Finished {
	const events = output.trim().split('\n').map(line => JSON.parse(line) as Finished);
	return events.find(({event, node: name, outcome}) => event === 'finished' && name === node && outcome.outcome === 'ran') ?? fail(`${node} did not run: ${output}`);
}

function fail(message: string): never {
	throw new Error(message);
}

function inMegabytes(bytes: number | undefined): string {
	return bytes === undefined ? '–' : (bytes / 1e6).toFixed(0);
}
