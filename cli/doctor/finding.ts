import type {Graph} from '../../engine/graph.ts';
import type {LoadedPipeline} from '../../engine/code.ts';
import type {UserError} from '../../engine/error.ts';

/** One line of `pipeline doctor`. */
export type Finding = {
	/** What was looked at. */
	readonly check: string;
	/** `note`: nothing is wrong, but something optional is absent; `warning`: it works, but not as well as it could; `problem`: it does not work. */
	readonly status: 'ok' | 'note' | 'warning' | 'problem';
	readonly found: string;
	/** What to do about it. */
	readonly hint?: string;
};

/** Where the doctor looks. Paths are absolute. */
export type Site = {
	readonly pipelineFile: string;
	readonly paramsFile: string;
	readonly cacheFolder: string;
	/** Compiled worker, which tries out backends. */
	readonly workerFile: string;
	/** Backend the user asked for. */
	readonly backend: string | undefined;
	/** Compiles and loads the pipeline, once. Rejects when it is broken. */
	readonly loaded: () => Promise<LoadedPipeline>;
	/** Wires it with the params, once. Rejects when either is broken. */
	readonly graph: () => Promise<Graph>;
};

/** Looks at one thing. What it throws becomes a problem, so a check need not catch anything. */
export type Check = {readonly name: string; readonly look: (site: Site) => readonly Finding[] | Promise<readonly Finding[]>};

/** Makes every check; one that fails keeps no other from being made. */
export async function examine(checks: readonly Check[], site: Site): Promise<readonly Finding[]> {
	const findings = await Promise.all(checks.map(async ({name, look}) => {
		try {
			return await look(site);
		} catch (error) {
			return [problemOf(name, error)];
		}
	}));
	return findings.flat();
}

/** An error as a finding. */
export function problemOf(check: string, error: unknown): Finding {
	const {message, hint, facts = {}} = error as Partial<UserError>;
	const lines = [message ?? String(error), ...Object.entries(facts).map(([name, value]) => `${name}: ${value}`)];
	return {check, status: 'problem', found: lines.join('\n'), ...(hint !== undefined && {hint})};
}
