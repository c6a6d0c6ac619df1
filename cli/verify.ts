import {availableParallelism} from 'node:os';
import process from 'node:process';
import pc from 'picocolors';
import type {Digest} from '../engine/digest.ts';
import {UserError} from '../engine/error.ts';
import type {Node} from '../engine/graph.ts';
import type {Project} from '../engine/project.ts';
import type {Recomputation} from '../engine/recompute.ts';
import {verifyStore, type Damage, type Verification} from '../engine/verify.ts';
import {count, formatBytes, printable} from './format.ts';
import type {CommonOptions} from './main.ts';
import {openProject} from './open.ts';
import {interruptible} from './run.ts';
import {jsonReporter, textReporter} from './reporter.ts';

type VerifyOptions = CommonOptions & {readonly heal?: boolean; readonly recompute?: boolean};

/** How many names a line shows. */
const namesShown = 5;

/** `pipeline verify` and `pipeline verify --recompute NODE…`. */
export async function verify(names: readonly string[], options: VerifyOptions): Promise<number> {
	if (options.recompute) {
		return recomputeNodes(names, options);
	}

	if (names.length > 0) {
		throw new UserError('verify-names', 'The whole cache is verified, not single nodes', {hint: `To compute a node again and compare its bytes: pipeline verify --recompute ${names.join(' ')}`});
	}

	await using project = await openProject(options);
	const verification = await verifyStore(project.store, {fetchObject: async digest => fetchAgain(project, digest, options)});
	const isDamaged = verification.damages.length > 0 || verification.databaseProblems.length > 0;
	if (options.json) {
		process.stdout.write(`${JSON.stringify({event: 'verified', ok: !isDamaged, ...verification})}\n`);
	} else {
		process.stdout.write(`${describe(verification, options.heal ?? false).join('\n')}\n`);
	}

	if (options.heal) {
		await heal(project, options.json ?? false);
	}

	return isDamaged ? 1 : 0;
}

function describe({objects, sizeBytes, damages, forgotten, unreferenced, databaseProblems}: Verification, isHealing: boolean): readonly string[] {
	const advice = isHealing ? [] : ['Run again to make them anew: pipeline run, or pipeline verify --heal'];
	return [
		...damages.map(damage => describeDamage(damage)),
		...databaseProblems.map(problem => `${pc.red('database'.padEnd(10))}${printable(problem)}`),
		...(unreferenced.files > 0 ? [pc.dim(`${count(unreferenced.files, 'file')} of no object, ${formatBytes(unreferenced.sizeBytes)}: harmless, and pipeline gc removes them in time`)] : []),
		...(forgotten.length > 0 ? [pc.dim(`${count(forgotten.length, 'output')} had lost their objects before, so they count as absent: ${shortened(forgotten)}`)] : []),
		`${count(objects, 'object')}, ${formatBytes(sizeBytes)} read: ${damages.length === 0 ? pc.green('all well') : pc.red(`${damages.length} not well`)}`,
		...(damages.length > 0 ? advice : []),
		...(databaseProblems.length > 0 ? ['The database itself is damaged: move the cache folder away and run again.'] : []),
	];
}

function describeDamage({digest, sizeBytes, problem, madeBy, isFetched}: Damage): string {
	const after = isFetched ? 'fetched again' : {damaged: 'set aside in damaged/', missing: 'its file is gone'}[problem];
	const by = madeBy.length === 0 ? 'made by nothing that is recorded' : `made by ${shortened(madeBy)}`;
	return `${pc.red(problem.padEnd(10))}${digest}  ${formatBytes(sizeBytes)}, ${printable(by)}; ${after}`;
}

function shortened(names: readonly string[]): string {
	const hidden = names.length - namesShown;
	return names.slice(0, namesShown).join(', ') + (hidden > 0 ? ` and ${hidden} more` : '');
}

/** Whether the shared cache had what is damaged here; without one it had not. */
async function fetchAgain({store}: Project, digest: Digest, {shared}: VerifyOptions): Promise<boolean> {
	if (!shared) {
		return false;
	}

	const {restoreResult} = await import('../engine/shared/restore.ts');
	for (const {result} of store.resultsWith(digest)) {
		if (await restoreResult(result.fingerprint, {store, location: shared, signal: new AbortController().signal})) {
			return true;
		}
	}

	return false;
}

/** Makes anew what the current goals have lost, inputs before dependents. */
async function heal(project: Project, isJson: boolean): Promise<void> {
	const {nodes} = project.graph;
	const tried = new Set<Node>();
	for (let lost = await lostNodes(project); lost.some(node => !tried.has(node)); lost = await lostNodes(project)) {
		for (const node of lost) {
			tried.add(node);
		}

		const reporter = isJson ? jsonReporter() : await textReporter(nodes);
		const interruption = interruptible(project, reporter.announce);
		try {
			await project.run({nodes: project.needed(lost), jobs: availableParallelism(), listener: reporter.listener, signal: interruption.signal, command: 'verify --heal'});
		} finally {
			interruption.end();
			reporter.end();
		}

		if (interruption.signal.aborted) {
			return;
		}
	}
}

/** What waits for one of them is looked at again when that one has run. */
async function lostNodes(project: Project): Promise<readonly Node[]> {
	const states = await project.plan(project.graph.nodes);
	return [...states].filter(([, state]) => state.state === 'stale' && state.why.reason === 'object-missing').map(([node]) => node);
}

async function recomputeNodes(names: readonly string[], options: VerifyOptions): Promise<number> {
	if (names.length === 0) {
		throw new UserError('recompute-what', 'There is no node to compute again', {hint: 'Name one or several: pipeline verify --recompute NODE…'});
	}

	await using project = await openProject(options);
	const interruption = interruptible(project, () => undefined);
	let areSame = true;
	try {
		for await (const recomputation of project.recompute(project.find(names), interruption.signal)) {
			areSame &&= 'outputs' in recomputation && recomputation.outputs.every(({was, now}) => was === now);
			process.stdout.write(options.json ? `${JSON.stringify(plain(recomputation))}\n` : `${describeRecomputation(recomputation).join('\n')}\n`);
			if (interruption.signal.aborted) {
				return 130;
			}
		}
	} finally {
		interruption.end();
	}

	return areSame ? 0 : 1;
}

function describeRecomputation(recomputation: Recomputation): readonly string[] {
	const {node, result} = recomputation;
	if ('error' in recomputation) {
		return [`${pc.red('failed'.padEnd(12))}${node.name}: ${printable(recomputation.error.message)}`];
	}

	const lines = recomputation.outputs.map(({output, was, now}) => (was === now
		? `${pc.green('same bytes'.padEnd(12))}${node.name}.${output}`
		: `${pc.red('differs'.padEnd(12))}${node.name}.${output}  (was ${was}, now ${now})`));
	if (recomputation.outputs.every(({was, now}) => was === now)) {
		return lines;
	}

	const {provenance} = result;
	const isSameNode = provenance.node === process.version;
	return [
		...lines,
		`  The recorded bytes were made on ${printable(provenance.host)} by Node ${provenance.node}${isSameNode ? '' : `, these by Node ${process.version}`}.`,
		'  A stage must draw its random numbers from its seed, and read no clock, no environment and no file that is not an input.',
	];
}

function plain(recomputation: Recomputation): object {
	const {node, result: {fingerprint}} = recomputation;
	return 'error' in recomputation
		? {node: node.name, fingerprint, error: recomputation.error}
		: {node: node.name, fingerprint, outputs: recomputation.outputs.map(output => ({...output, isSame: output.was === output.now}))};
}
