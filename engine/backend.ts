import process from 'node:process';
import type {LoadedPipeline} from './code.ts';
import {UserError} from './error.ts';
import type {Node} from './graph.ts';
import {installedVersion} from './installed.ts';
import type {Backend} from './stage.ts';
import type {Store} from './store.ts';
import type {Probed, WorkerPool} from './worker-pool.ts';

/** The backend the nodes with a runtime compute with. */
export type ChosenBackend = Backend & {
	/** Of its package, followed by the device where results depend on that. */
	readonly version: string;
	/** Of its package. */
	readonly packageVersion: string;
};

/** What was found out about one backend; no version: its package is not installed. */
type BackendReport = Probed & {readonly version: string | undefined};

/**
 * The first backend of the nodes' runtime that is installed and works here, or the one that was asked for.
 * @returns nothing when no node has a runtime
 * @throws {UserError} when the backend asked for is unknown, not installed, or does not work here
 */
export async function chooseBackend(nodes: ReadonlyArray<Pick<Node, 'stage'>>, wish: string | undefined, tools: {readonly loaded: LoadedPipeline; readonly store: Store; readonly pool: WorkerPool}): Promise<ChosenBackend | undefined> {
	const node = nodes.find(({stage}) => stage.runtime);
	const backends = node?.stage.runtime?.backends ?? [];
	if (!node || backends.length === 0) {
		return undefined;
	}

	if (wish !== undefined && !backends.some(({name}) => name === wish)) {
		throw new UserError('backend-unknown', `There is no backend "${wish}"`, {facts: {known: backends.map(({name}) => name).join(', ')}});
	}

	for (const backend of backends.filter(({name}) => wish === undefined || name === wish)) {
		const {version, problem, device} = await inspect(backend, node, {...tools, isWish: wish !== undefined});
		if (version !== undefined && problem === undefined) {
			return {...backend, version: device ? `${version}, ${device.name}` : version, packageVersion: version};
		}

		if (wish !== undefined) {
			throw new UserError('backend-unusable', `The backend "${wish}" cannot be used here: ${problem ?? `the package ${backend.package} is not installed`}`, {
				hint: problem === undefined ? `Install it: ${installCommand(backend)}` : 'Leave out --backend to use the best one that works.',
			});
		}
	}

	throw new UserError('backend-none', 'No backend is installed', {hint: 'Run npm install again.'});
}

type Tools = {readonly loaded: LoadedPipeline; readonly store: Store; readonly pool: WorkerPool; readonly isWish: boolean};

/** Devices that were found by this process, which lasts no longer than they do. */
const devices = new WeakMap<WorkerPool, Map<string, Probed>>();

/**
 * Whether a backend is installed and works. A probe in a worker process tells: once per version, or whenever a user insists, and once per process where
 * results depend on the device.
 */
async function inspect(backend: Backend, node: Pick<Node, 'stage'>, {loaded, store, pool, isWish}: Tools): Promise<BackendReport> {
	const version = installedVersion(backend.package, loaded.root);
	if (version === undefined || !backend.optional) {
		return {version, problem: undefined, device: undefined};
	}

	const key = `${backend.name} ${version} node ${process.version}`;
	const found = devices.get(pool)?.get(key);
	if (found) {
		return {version, ...usable(found, isWish)};
	}

	const noted = store.note('backend', key);
	// What was missing may have been installed since.
	const isKnown = noted !== undefined && (noted === '' ? !backend.dependsOnDevice : !isWish);
	if (isKnown) {
		return {version, problem: noted === '' ? undefined : noted, device: undefined};
	}

	const probed = await pool.probe(loaded.codeOf(node.stage).file, backend.name);
	if (probed.device) {
		devices.set(pool, new Map([...devices.get(pool) ?? [], [key, probed]]));
	}

	const report = usable(probed, isWish);
	store.setNotes('backend', [[key, report.problem ?? '']]);
	return {version, ...report};
}

/** A device that a processor stands in for is slower than the backends that use the processor themselves. */
function usable({problem, device}: Probed, isWish: boolean): Probed {
	return {problem: problem ?? (device?.isEmulated && !isWish ? `there is no GPU, only ${device.name}` : undefined), device};
}

/** What a user runs to get a backend. */
export function installCommand({package: name, install}: Backend): string {
	return install ?? `npm install --no-save ${name}`;
}
