import process from 'node:process';
import pc from 'picocolors';
import type {PullOutcome} from '../engine/shared/pull.ts';
import {formatBytes, printable} from './format.ts';
import type {CommonOptions} from './main.ts';
import {openProject, sharedLocation} from './open.ts';
import {stoppable} from './stoppable.ts';

type PullCommandOptions = CommonOptions & {readonly dryRun?: boolean};

/** `pipeline pull`. */
export async function pull(names: readonly string[], options: PullCommandOptions): Promise<number> {
	const location = sharedLocation(options);
	await using project = await openProject(options);
	const isDryRun = options.dryRun ?? false;
	const counts = {fetched: 0, fresh: 0, missing: 0, refused: 0, waiting: 0, fetchedBytes: 0};
	const exitCode = await stoppable(async signal => project.pull(project.needed(project.find(names)), location, {
		isDryRun,
		signal,
		onOutcome({name}, outcome) {
			counts[outcome.outcome] += 1;
			counts.fetchedBytes += outcome.outcome === 'fetched' ? outcome.sizeBytes : 0;
			const line = outcomeLine(name, outcome);
			if (!options.json && line !== undefined) {
				process.stderr.write(`${line}\n`);
			}
		},
	}));
	if (options.json) {
		process.stdout.write(`${JSON.stringify({...counts, isDryRun})}\n`);
	} else {
		const rest = [
			`${counts.fresh} were fresh`,
			...(counts.missing > 0 ? [`${counts.missing} are not in the shared cache`] : []),
			...(counts.refused > 0 ? [`${counts.refused} are damaged there`] : []),
			...(counts.waiting > 0 ? [`${counts.waiting} wait for inputs`] : []),
		];
		process.stdout.write(`${counts.fetched} ${isDryRun ? 'would be fetched' : 'fetched'}, ${isDryRun ? 'at most ' : ''}${formatBytes(counts.fetchedBytes)}; ${rest.join(', ')}\n`);
	}

	return exitCode;
}

function outcomeLine(name: string, outcome: PullOutcome): string | undefined {
	switch (outcome.outcome) {
		case 'fetched': {
			return `${pc.green('fetched'.padEnd(10))}${formatBytes(outcome.sizeBytes).padStart(8)}  ${name}`;
		}

		case 'refused': {
			return `${pc.yellow('refused'.padEnd(10))}${name}: ${printable(outcome.message)}`;
		}

		case 'missing': {
			return pc.dim(`${'missing'.padEnd(10)}${name}`);
		}

		case 'fresh':
		case 'waiting': {
			return undefined;
		}
	}
}
