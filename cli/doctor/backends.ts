import {installCommand} from '../../engine/backend.ts';
import {installedVersion} from '../../engine/installed.ts';
import {WorkerPool, type Probed} from '../../engine/worker-pool.ts';
import type {Backend} from '../../engine/stage.ts';
import type {Finding, Site} from './finding.ts';

/** Tries every backend of the pipeline's runtime in a worker process, and says which one a run would take. */
export async function backends({loaded, graph, workerFile, backend: wish}: Site): Promise<readonly Finding[]> {
	const check = 'backends';
	let nodes;
	try {
		({nodes} = await graph());
	} catch {
		return [{check, status: 'note', found: 'not tried: the pipeline or its params are broken'}];
	}

	const {root, codeOf} = await loaded();
	const stage = nodes.find(({stage}) => stage.runtime)?.stage;
	if (!stage?.runtime) {
		return [{check, status: 'ok', found: 'none needed: no stage has a runtime'}];
	}

	await using pool = new WorkerPool(workerFile);
	const tried: Tried[] = [];
	for (const backend of stage.runtime.backends) {
		tried.push({backend, ...await tryOut(backend, installedVersion(backend.package, root), async () => pool.probe(codeOf(stage).file, backend.name))});
	}

	return [...tried.map(({finding}) => finding), choice(tried, wish)];
}

/** What was found out about a backend. */
type Tried = {
	readonly backend: Backend;
	readonly finding: Finding;
	/** Whether a run takes it, by itself or only when it is asked for. */
	readonly use: 'best' | 'wish' | 'never';
};

/** @param probe tries an installed backend */
export async function tryOut(backend: Backend, version: string | undefined, probe: () => Promise<Probed>): Promise<Omit<Tried, 'backend'>> {
	const {name, package: packageName, optional} = backend;
	const check = `backend ${name}`;
	if (version === undefined) {
		const found = `${packageName} is not installed`;
		return {
			use: 'never',
			finding: optional ? {check, status: 'note', found, hint: `To get it: ${installCommand(backend)}`} : {check, status: 'problem', found, hint: 'Run npm install.'},
		};
	}

	const {problem, device} = await probe();
	if (problem !== undefined) {
		return {use: 'never', finding: {check, status: 'warning', found: `${packageName} ${version} does not work here: ${problem}`, hint: `Install it again (${installCommand(backend)}), or remove it.`}};
	}

	const found = `works, ${packageName} ${version}${device ? ` on ${device.name}` : ''}`;
	return device?.isEmulated
		? {use: 'wish', finding: {check, status: 'note', found, hint: 'That is no GPU, so it is taken only when it is asked for.'}}
		: {use: 'best', finding: {check, status: 'ok', found}};
}

/** As a run chooses: the first that works, or the one that was asked for. */
export function choice(tried: readonly Tried[], wish: string | undefined): Finding {
	const check = 'chosen backend';
	const chosen = tried.find(({backend, use}) => (wish === undefined ? use === 'best' : use !== 'never' && backend.name === wish));
	if (chosen) {
		return {check, status: 'ok', found: `${chosen.backend.name}, ${wish === undefined ? 'the best that works' : 'as asked for'}`};
	}

	return wish === undefined
		? {check, status: 'problem', found: 'none: no backend works here', hint: 'Run npm install again.'}
		: {check, status: 'problem', found: `"${wish}" was asked for and ${tried.some(({backend}) => backend.name === wish) ? 'does not work here' : 'is unknown'}`, hint: `Leave out --backend and PIPELINE_BACKEND, or choose of ${tried.map(({backend}) => backend.name).join(', ')}.`};
}
