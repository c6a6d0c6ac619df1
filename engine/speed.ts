import {rmSync} from 'node:fs';
import type {AnyArtifactType} from './artifact.ts';
import {valueOf} from './decode-input.ts';
import {cacheFormat} from './fingerprint.ts';
import {UserError} from './error.ts';
import {OpenedFiles} from './opened-files.ts';
import type {LoadedPipeline} from './code.ts';
import type {Speed} from './pipeline.ts';
import type {AnyStage} from './stage.ts';
import type {Store} from './store.ts';
import type {WorkerPool} from './worker-pool.ts';

/** What measures the speed of this machine. */
export type SpeedTools = {
	readonly loaded: LoadedPipeline;
	readonly store: Store;
	readonly pool: WorkerPool;
	/** What it computes with: the name of the backend, and the name with its version. */
	readonly backend: {readonly name: string; readonly version: string} | undefined;
	readonly signal: AbortSignal;
};

/**
 * Measures how fast this machine is, in a worker, where stages compute too. Nothing of it is kept: the same worker may be faster tomorrow.
 * @returns nothing when the pipeline measures nothing, or the measurement was stopped
 * @throws {UserError} when it fails
 */
export async function measureSpeed({loaded, store, pool, backend, signal}: SpeedTools): Promise<Speed | undefined> {
	const stage = loaded.pipeline.speed as AnyStage | undefined;
	if (!stage) {
		return undefined;
	}

	const {file, digest, packages} = loaded.codeOf(stage);
	const folder = store.temporaryFolder(`speed-${digest}`);
	try {
		const reply = await pool.run({
			stageFile: file,
			inputs: {},
			backend: stage.runtime && backend ? backend.name : null,
			ingredients: {format: cacheFormat, stage: stage.name, code: digest, params: {}, inputs: {}, seed: null, backend: backend ? `${backend.name} ${backend.version}` : null, packages},
			folder,
		}, {onStep: () => undefined, onLine: () => undefined}, signal);
		switch (reply.type) {
			case 'done': {
				using files = new OpenedFiles();
				const {digest: written, ...place} = reply.outputs.speed!;
				return valueOf((stage.outputs as Readonly<Record<string, AnyArtifactType>>).speed!, {digest: written, ...place}, files) as Speed;
			}

			case 'failed': {
				const {name, message, code, hint} = reply.error;
				throw new UserError('speed-unmeasured', `How fast this machine is could not be measured: ${name === 'UserError' ? message : `${name}: ${message}`}`, {...(code !== undefined && {facts: {code}}), ...(hint !== undefined && {hint})});
			}

			default: {
				return undefined;
			}
		}
	} finally {
		rmSync(folder, {recursive: true, force: true});
	}
}
