import {existsSync, readFileSync} from 'node:fs';
import {createRequire, isBuiltin} from 'node:module';
import path from 'node:path';
import {isDeepStrictEqual} from 'node:util';
import type {BuildOptions, Metafile} from 'esbuild';
import {writeAtomically} from './bundle.cjs';
import {withoutComputations} from './code-plugins.ts';
import {bundle, bundleChanged, filesOf, syntaxError, tsconfigRaw, type Bundled, type Earlier} from './bundling.ts';
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
	const own = `./${entry}`;
	let modules: readonly string[] = earlier?.isUnchanged(path.join(root, entry)) ? earlier.value.modules.filter(module => isThere(root, module)) : [own, ...await importsOf(path.join(root, entry))];
	let {texts, metafile} = await compileModules(root, own, modules, builds);
	const declaring = modulesThatDeclare(root, own, {modules, metafile});
	if (!isDeepStrictEqual(declaring, modules)) {
		modules = declaring;
		({texts, metafile} = await compileModules(root, own, modules, builds));
	}

	const imported = new Set(Object.values(metafile.outputs).flatMap(({imports}) => imports.map(({path: specifier}) => specifier)));
	const packages = await Promise.all(plannedWith.filter(name => imported.has(name)).map(async name => [name, await compilePackage(root, name, folder)] as const));
	const file = writeScript(path.join(folder, 'plan'), texts);
	const files = [...filesOf(root, Object.keys(metafile.inputs)), ...packages.flatMap(([, compiled]) => compiled.files)];
	return {file, packages: Object.fromEntries(packages.map(([name, compiled]) => [name, compiled.file])), modules, files};
}

/** The plan with the exports of modules beside it. */
async function compileModules(root: string, own: string, modules: readonly string[], builds: KeptBuilds | undefined): Promise<Bundled> {
	const contents = [
		`export {default} from '${own}';`,
		...modules.map((module, index) => `import * as module${index} from '${module}';`),
		`export const modules = [${modules.map((module, index) => `[${JSON.stringify(module)}, module${index}]`).join(',')}];`,
	].join('\n');
	const build = builds && (async (options: BuildOptions) => builds.build(`${root}\n${contents}`, options));
	return bundleChanged(root, {...scriptOptions, stdin: {contents, resolveDir: root}, packages: 'external', plugins: [loadersOwn()]}, {change: withoutComputations(), build});
}

/** Without modules that the pipeline no longer leads to, and with those of a helper's stages, however far behind it. */
function modulesThatDeclare(root: string, own: string, {modules, metafile: {inputs}}: {readonly modules: readonly string[]; readonly metafile: Metafile}): readonly string[] {
	const reached = new Set([path.normalize(own)]);
	for (const input of reached) {
		for (const {path: imported} of inputs[input]?.imports ?? []) {
			reached.add(imported);
		}
	}

	const known = new Set(modules.map(module => path.normalize(module)));
	const behind = [...reached].filter(input => input in inputs && !known.has(input) && declaresStages.test(readFileSync(path.join(root, input), 'utf8')));
	// Those first: a stage is rather taken from where it is declared than from a helper that passes it on.
	return [...behind.map(input => `./${input}`), ...modules.filter(module => !inputs[path.normalize(module)] || reached.has(path.normalize(module)))];
}

/** Whether a module of last time is still there; what a name of another form leads to is not known here. */
function isThere(root: string, module: string): boolean {
	return !module.startsWith('.') || existsSync(path.join(root, module));
}

const declaresStages = /\bdefineStage\(/;

/** What the modules that a file imports are called there; npm packages are left out, and what only types are taken from. */
async function importsOf(file: string): Promise<readonly string[]> {
	const [{transform}, {parse}] = await Promise.all([import('esbuild'), import('acorn')]);
	try {
		const {code} = await transform(readFileSync(file, 'utf8'), {loader: 'ts', sourcefile: path.basename(file), tsconfigRaw});
		const {body} = parse(code, {ecmaVersion: 'latest', sourceType: 'module'});
		const specifiers = body.flatMap(statement => ('source' in statement && statement.source ? [String(statement.source.value)] : []));
		return [...new Set(specifiers.filter(specifier => /^[.#]/.test(specifier)))];
	} catch (error) {
		throw syntaxError(error);
	}
}

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

