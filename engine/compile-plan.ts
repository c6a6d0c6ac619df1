import {existsSync, readFileSync} from 'node:fs';
import {createRequire, isBuiltin} from 'node:module';
import path from 'node:path';
import {isDeepStrictEqual} from 'node:util';
import type {BuildOptions, Metafile} from 'esbuild';
import {writeAtomically} from './bundle.cjs';
import {withoutComputations} from './code-plugins.ts';
import {bundle, bundleChanged, filesOf, type Bundled, type Earlier} from './bundling.ts';
import {digestText} from './digest.ts';
import * as host from './host.js';
import type {KeptBuilds} from './kept-builds.ts';
import {loadersOwn, runScript, scriptOptions, standIn} from './script.cjs';
import type {AnyPipeline} from './pipeline.ts';

/** A pipeline compiled for planning. */
export type CompiledPlan = {
	/** Script that exports it. */
	readonly file: string;
	/** Npm package → script, for the packages that planning needs. */
	readonly packages: Readonly<Record<string, string>>;
	/** The modules whose exports may be stages, as imports in the pipeline's folder name them: the pipeline, what it imports, and what declares stages behind that. */
	readonly modules: readonly string[];
	/** What it was made from. */
	readonly files: readonly string[];
};

export type PlanRequest = {
	/** Name of the pipeline file. */
	readonly entry: string;
	/** Where compiled code goes. */
	readonly folder: string;
	readonly earlier: Earlier<CompiledPlan> | undefined;
	readonly builds: KeptBuilds | undefined;
};

/** What the script of a plan exports. */
export type PlanModule = {readonly default: AnyPipeline; readonly modules: ReadonlyArray<readonly [string, Record<string, unknown>]>};

/** Packages that declarations use, so that planning needs them: each becomes a script of its own, which starts fastest. */
const plannedWith = ['@sinclair/typebox'];

/** Compiles a pipeline with all it imports, but for npm packages. */
export async function compilePlan(root: string, {entry, folder, earlier, builds}: PlanRequest): Promise<CompiledPlan> {
	// Which modules may export stages is known once they are compiled; it is rarely another answer than last time.
	let modules: readonly string[] = earlier?.value.modules.filter(module => existsSync(path.join(root, module))) ?? [`./${entry}`];
	let {texts, metafile} = await compileModules(root, entry, {modules, builds});
	const found = modulesWithStages(root, entry, metafile);
	if (!isDeepStrictEqual(found, modules)) {
		modules = found;
		({texts, metafile} = await compileModules(root, entry, {modules, builds}));
	}

	const imported = new Set(Object.values(metafile.outputs).flatMap(({imports}) => imports.map(({path: specifier}) => specifier)));
	const packages = await Promise.all(plannedWith.filter(name => imported.has(name)).map(async name => [name, await compilePackage(root, name, folder)] as const));
	const file = writeScript(path.join(folder, 'plan'), texts);
	const files = [...filesOf(root, Object.keys(metafile.inputs)), ...packages.flatMap(([, compiled]) => compiled.files)];
	return {file, packages: Object.fromEntries(packages.map(([name, compiled]) => [name, compiled.file])), modules, files};
}

/** The plan with the exports of modules beside it. */
async function compileModules(root: string, entry: string, {modules, builds}: {readonly modules: readonly string[]; readonly builds: KeptBuilds | undefined}): Promise<Bundled> {
	const contents = [
		`export {default} from './${entry}';`,
		...modules.map((module, index) => `import * as module${index} from '${module}';`),
		`export const modules = [${modules.map((module, index) => `[${JSON.stringify(module)}, module${index}]`).join(',')}];`,
	].join('\n');
	const build = builds && (async (options: BuildOptions) => builds.build(`${root}\n${contents}`, options));
	return bundleChanged(root, {...scriptOptions, stdin: {contents, resolveDir: root}, packages: 'external', plugins: [loadersOwn()]}, {change: withoutComputations(), build});
}

/** The pipeline, what it imports, and what declares stages behind that. */
function modulesWithStages(root: string, entry: string, {inputs}: Metafile): readonly string[] {
	const importsOf = (input: string) => (inputs[input]?.imports ?? []).flatMap(({path: imported, external}) => (external ? [] : [imported]));
	const reached = new Set([entry]);
	for (const input of reached) {
		for (const imported of importsOf(input)) {
			reached.add(imported);
		}
	}

	const near = [...new Set([entry, ...importsOf(entry)])];
	const behind = [...reached].filter(input => !near.includes(input) && declaresStages.test(readFileSync(path.join(root, input), 'utf8')));
	// Those first: a stage is rather taken from where it is declared than from a helper that passes it on.
	return [...behind, ...near].map(input => `./${input}`);
}

const declaresStages = /\bdefineStage\(/;

async function compilePackage(root: string, name: string, folder: string) {
	const {texts, metafile} = await bundle(root, {...scriptOptions, stdin: {contents: `export * from '${name}';`, resolveDir: root}});
	return {file: writeScript(path.join(folder, name.replaceAll('/', '+')), texts), files: filesOf(root, Object.keys(metafile.inputs))};
}

function writeScript(start: string, texts: ReadonlyMap<string, string>): string {
	const [code = ''] = texts.values();
	const file = `${start}-${digestText(code)}.cjs`;
	writeAtomically(file, code);
	return file;
}

/** Packages are looked up as from the pipeline, and loaded when they are first used: planning uses few of them. */
function requireForPlan(pipelineFile: string, packages: Readonly<Record<string, string>>): (name: string) => unknown {
	const requireFrom = createRequire(pipelineFile);
	return name => {
		const script = packages[name];
		return isBuiltin(name) ? requireFrom(name) as unknown : standIn(() => (script === undefined ? requireFrom(name) as unknown : loadOnce(script, requireFrom)));
	};
}

/** Loads a compiled plan, once while it is the same. */
export function loadPlan(pipelineFile: string, {file, packages}: CompiledPlan): PlanModule {
	return loadOnce(file, requireForPlan(pipelineFile, packages)) as PlanModule;
}

/** What a script is called without its digest → its latest version, loaded. */
const loadedScripts = new Map<string, {readonly file: string; readonly exported: unknown}>();

function loadOnce(file: string, requireModule: (name: string) => unknown): unknown {
	const name = file.replace(/-[^-]*$/, '');
	const known = loadedScripts.get(name);
	if (known?.file === file) {
		return known.exported;
	}

	const exported = runScript(file, host, requireModule) as unknown;
	loadedScripts.set(name, {file, exported});
	return exported;
}

