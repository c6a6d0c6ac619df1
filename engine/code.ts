import {existsSync} from 'node:fs';
import path from 'node:path';
import {madeFromFiles, unchangedValue} from './bundle.cjs';
import {canonicalJson} from './canonical-json.ts';
import {compilePlan, loadPlan, type CompiledPlan, type PlanModule} from './compile-plan.ts';
import {compileStages, type CompiledStages, type Exported, type StageCode} from './compile-stages.ts';
import {digestText} from './digest.ts';
import {UserError} from './error.ts';
import type {KeptBuilds} from './kept-builds.ts';
import type {AnyPipeline} from './pipeline.ts';
import type {AnyStage} from './stage.ts';

/** A pipeline that was loaded for planning. */
export type LoadedPipeline = {
	readonly pipeline: AnyPipeline;
	/** Absolute path of the folder that holds the pipeline; bundles and relative folders start there. */
	readonly root: string;
	/** What tells whether the same code would be loaded again, without loading it. */
	readonly identity: CodeIdentity;
	readonly codeOf: (stage: AnyStage) => StageCode;
	/** Every file it was made from: sources, and the package.json of packages. Absolute paths. */
	readonly files: readonly string[];
};

/** The code of a pipeline and of all its stages. */
export type CodeIdentity = {
	/** Entry of the compiled stages. */
	readonly codeFile: string;
	/** Equal for equal code. */
	readonly text: string;
};

/** The compiler itself, where it runs from source; a compiled one has a new name whenever it changes. */
const compilerFiles = import.meta.filename.endsWith('.ts') ? ['code.ts', 'bundling.ts', 'code-plugins.ts', 'compile-plan.ts', 'compile-stages.ts'].map(name => path.join(import.meta.dirname, name)) : [];

/**
 * Compiles and loads a pipeline file. Unchanged sources cost a few `stat` calls; changed ones are compiled by esbuild in a fraction
 * of a second. No tensor library is loaded: npm packages are imported on first use, and planning uses none of the heavy ones.
 *
 * @param builds for whoever loads the pipeline whenever it changes
 * @throws {UserError} when the file is missing, does not compile, or uses a stage that no module exports.
 */
export async function loadPipeline(pipelineFile: string, builds?: KeptBuilds): Promise<LoadedPipeline> {
	if (!existsSync(pipelineFile)) {
		throw new UserError('pipeline-missing', `There is no pipeline at "${pipelineFile}"`, {hint: 'Run the command in the folder of pipeline.ts, or name the file with --pipeline FILE.'});
	}

	const root = path.dirname(pipelineFile);
	const folder = cacheFolder(root);
	const entry = path.basename(pipelineFile);
	const name = nameOf(pipelineFile);
	const compiledPlan = await madeFromFiles<CompiledPlan>(planEntry(pipelineFile), async earlier => {
		const value = await compilePlan(root, {entry, folder, earlier, builds});
		return {files: [...value.files, ...compilerFiles], value};
	});
	const plan = loadPlan(pipelineFile, compiledPlan);
	const exported = exportsOf(plan);
	// A stage that is new in the pipeline is in none of the files that the others were made from.
	const stages = digestText(canonicalJson([...exported.values()])).slice(0, 8);
	const codeFile = path.join(folder, `code-${name}-${compiler}-${stages}.json`);
	const {files, codes} = await madeFromFiles<CompiledStages>(codeFile, async earlier => {
		const value = await compileStages(root, folder, {stages: [...exported.values()], earlier});
		return {files: [...value.files, ...compilerFiles], value};
	});
	return {
		pipeline: plan.default,
		root,
		files: [...new Set([...compiledPlan.files, ...files])],
		identity: {codeFile, text: identityOf(compiledPlan.file, codes)},
		codeOf(stage) {
			const code = codes[stage.name]?.code;
			if (!exported.has(stage) || code === undefined) {
				throw new UserError('stage-not-exported', `Stage "${stage.name}" is not exported by a module that ${entry} leads to`, {
					hint: 'Export it: its code digest is that of the module from which it can be imported.',
				});
			}

			return code;
		},
	};
}

/** Whether a pipeline file would load the code with this identity; costs a few `stat` calls. */
export function isUnchanged(pipelineFile: string, {codeFile, text}: CodeIdentity): boolean {
	const plan = unchangedValue(planEntry(pipelineFile)) as {readonly file: string} | undefined;
	const stages = unchangedValue(codeFile) as CompiledStages | undefined;
	return plan !== undefined && stages !== undefined && identityOf(plan.file, stages.codes) === text;
}

function planEntry(pipelineFile: string): string {
	return path.join(cacheFolder(path.dirname(pipelineFile)), `plan-${nameOf(pipelineFile)}-${compiler}.json`);
}

function nameOf(pipelineFile: string): string {
	return path.basename(pipelineFile).replace(/\.[cm]?[jt]s$/, '');
}

/** What another version of this compiler made is no use. */
const compiler = digestText(import.meta.url).slice(0, 8);

/** Names of compiled files are digests of what they hold. */
function identityOf(planFile: string, codes: CompiledStages['codes']): string {
	return digestText(JSON.stringify([planFile, Object.entries(codes).map(([stage, {code}]) => [stage, code])]));
}

/** Where compiled code is kept: inside node_modules, so that its imports resolve as the sources' do. */
export function cacheFolder(root: string): string {
	for (let folder = root; ; folder = path.dirname(folder)) {
		if (existsSync(path.join(folder, 'node_modules'))) {
			return path.join(folder, 'node_modules', '.cache', 'pipeline', digestText(root).slice(0, 8));
		}

		if (folder === path.dirname(folder)) {
			throw new UserError('not-installed', `There is no node_modules folder in or above "${root}"`, {hint: 'Run npm install first.'});
		}
	}
}

/** Every stage that a module of the plan exports, by identity. */
function exportsOf(plan: PlanModule): Map<unknown, Exported> {
	const found = new Map<unknown, Exported>();
	for (const [module, namespace] of plan.modules) {
		for (const [name, value] of Object.entries(namespace)) {
			if (isStage(value) && !found.has(value)) {
				found.set(value, {module, name, stage: value.name});
			}
		}
	}

	const names = new Map<string, Exported>();
	for (const exported of found.values()) {
		const other = names.get(exported.stage);
		if (other) {
			throw new UserError('duplicate-stage', `Two stages are named "${exported.stage}"`, {facts: {first: path.normalize(other.module), second: path.normalize(exported.module)}, hint: 'Names tell results apart; rename one.'});
		}

		names.set(exported.stage, exported);
	}

	return found;
}

function isStage(value: unknown): value is AnyStage {
	return typeof value === 'object' && value !== null && 'run' in value && 'outputs' in value && 'inputs' in value && 'name' in value;
}

