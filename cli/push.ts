import process from 'node:process';
import pc from 'picocolors';
import type {Project} from '../engine/project.ts';
import type {PushOutcome} from '../engine/shared/push.ts';
import type {Result} from '../engine/store.ts';
import type {Fingerprint} from '../engine/digest.ts';
import {formatBytes, printable} from './format.ts';
import type {CommonOptions} from './main.ts';
import {openProject, sharedLocation} from './open.ts';
import {stoppable} from './stoppable.ts';

type PushCommandOptions = CommonOptions & {readonly all?: boolean; readonly dryRun?: boolean};

/** `pipeline push`. */
export async function push(names: readonly string[], options: PushCommandOptions): Promise<number> {
	const location = sharedLocation(options);
	await using project = await openProject(options);
	const {fingerprints, stale} = options.all ? {fingerprints: project.store.fingerprints(), stale: 0} : await needed(project, names);
	const isDryRun = options.dryRun ?? false;
	const counts = {sent: 0, present: 0, refused: 0, sentBytes: 0};
	const {pushResults} = await import('../engine/shared/push.ts');
	const exitCode = await stoppable(async signal => pushResults(fingerprints, {
		store: project.store,
		location,
		isDryRun,
		signal,
		onOutcome(result, outcome) {
			counts[outcome.outcome] += 1;
			counts.sentBytes += outcome.outcome === 'sent' ? outcome.sizeBytes : 0;
			if (!options.json && outcome.outcome !== 'present') {
				process.stderr.write(`${outcomeLine(result, outcome)}\n`);
			}
		},
	}));
	if (options.json) {
		process.stdout.write(`${JSON.stringify({...counts, stale, isDryRun})}\n`);
	} else {
		const rest = [
			`${counts.present} were there`,
			...(counts.refused > 0 ? [`${counts.refused} cannot be sent`] : []),
			...(stale > 0 ? [`${stale} nodes have no result: pipeline run`] : []),
		];
		process.stdout.write(`${counts.sent} ${isDryRun ? 'would be sent' : 'sent'}, ${formatBytes(counts.sentBytes)}; ${rest.join(', ')}\n`);
	}

	return exitCode === 0 && counts.refused > 0 ? 1 : exitCode;
}

/** The results of the goals and of all they need; how many of those nodes have none. */
async function needed(project: Project, names: readonly string[]): Promise<{readonly fingerprints: readonly Fingerprint[]; readonly stale: number}> {
	const states = [...(await project.plan(project.needed(project.find(names)))).values()];
	const fingerprints = states.flatMap(state => (state.state === 'fresh' ? [state.result.fingerprint] : []));
	return {fingerprints, stale: states.length - fingerprints.length};
}

function outcomeLine({nodeName}: Result, outcome: Exclude<PushOutcome, {outcome: 'present'}>): string {
	return outcome.outcome === 'sent'
		? `${pc.green('sent'.padEnd(10))}${formatBytes(outcome.sizeBytes).padStart(8)}  ${printable(nodeName)}`
		: `${pc.yellow('refused'.padEnd(10))}${printable(nodeName)}: ${printable(outcome.message)}`;
}
