import {existsSync} from 'node:fs';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import type {BuildOptions, Metafile, Plugin} from 'esbuild';
import {madeFromFiles, unchangedValue, watchedFiles, writeAtomically} from './bundle.cjs';
import {canonicalJson} from './canonical-json.ts';
import {lazyBanner, lazyPackages, onlyImportsOf, trackedPackages, withoutDeclarations} from './code-plugins.ts';
import {digestText, type Digest} from './digest.ts';
import {UserError} from './error.ts';
import {importModule} from './host.js';
import type {AnyPipeline} from './pipeline.ts';
import type {AnyStage} from './stage.ts';

/** What a stage's results depend on besides its inputs: its code and the packages the code imports. */
export type StageCode = {
	/** Digest of the stage's module and all it uses, without comments, types, white space and unused code. */
	readonly digest: Digest;
	/** The very module that was hashed; workers run this file. */
	readonly file: string;
	/** Npm package → installed version, for the packages the code imports. */
	readonly packages: Readonly<Record<string, string>>;
	/** Repository file → bytes it contributes, for `pipeline why`. */
	readonly modules: Readonly<Record<string, number>>;
};

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

type Exported = {readonly module: string; readonly name: string; readonly stage: string};
type PlanModule = {readonly default: AnyPipeline; readonly modules: ReadonlyArray<readonly [string, Record<string, unknown>]>};

/** The compiler itself, where it runs from source; a compiled one has a new name whenever it changes. */
const compilerFiles = import.meta.filename.endsWith('.ts') ? [import.meta.filename] : [];

/** Raise when the same sources would be printed in another way. */
const codeFormat = 3;

/**
 * Compiles and loads a pipeline file. Unchanged sources cost a few `stat` calls; changed ones are compiled by esbuild in a fraction
 * of a second. No tensor library is loaded: npm packages are imported on first use, and planning uses none of the heavy ones.
 *
 * @throws {UserError} when the file is missing, does not compile, or uses a stage that no module exports.
 */
export async function loadPipeline(pipelineFile: string): Promise<LoadedPipeline> {
	if (!existsSync(pipelineFile)) {
		throw new UserError('pipeline-missing', `There is no pipeline at "${pipelineFile}"`, {hint: 'Run the command in the folder of pipeline.ts, or name the file with --pipeline FILE.'});
	}

	const root = path.dirname(pipelineFile);
	const folder = cacheFolder(root);
	const entry = path.basename(pipelineFile);
	const name = nameOf(pipelineFile);
	const {file: planFile, files: planFiles} = await madeFromFiles(planEntry(pipelineFile), async () => compilePlan(root, entry, folder));
	const plan = await importModule(pathToFileURL(planFile).href) as PlanModule;
	const exported = exportsOf(plan);
	// A stage that is new in the pipeline is in none of the files that the others were made from.
	const stages = digestText(canonicalJson([...exported.values()])).slice(0, 8);
	const codeFile = path.join(folder, `code-${name}-${compiler}-${stages}.json`);
	const {files, codes} = await madeFromFiles<CompiledStages>(codeFile, async earlier => compileStages(root, folder, {stages: [...exported.values()], earlier}));
	return {
		pipeline: plan.default,
		root,
		files: [...new Set([...planFiles, ...files])],
		identity: {codeFile, text: identityOf(planFile, codes)},
		codeOf(stage) {
			const code = codes[stage.name]?.code;
			if (!exported.has(stage) || code === undefined) {
				throw new UserError('stage-not-exported', `Stage "${stage.name}" is not exported by a module that ${entry} imports`, {
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

/** The pipeline with all it imports; npm packages are loaded when first used. */
async function compilePlan(root: string, entry: string, folder: string) {
	const scan = await bundle(root, {stdin: {contents: `export {default} from './${entry}';`, resolveDir: root}, plugins: [onlyImportsOf(path.join(root, entry))]});
	const imported = scan.metafile.inputs[entry]?.imports.map(({path: file}) => path.relative(root, path.resolve(root, file))) ?? [];
	const modules = [entry, ...new Set(imported.filter(file => !file.includes('node_modules') && existsSync(path.join(root, file))))];
	const contents = [
		`export {default} from './${entry}';`,
		...modules.map((module, index) => `import * as module${index} from './${module}';`),
		`export const modules = [${modules.map((module, index) => `[${JSON.stringify(module)}, module${index}]`).join(',')}];`,
	].join('\n');
	const {code, metafile} = await bundle(root, {stdin: {contents, resolveDir: root}, plugins: [lazyPackages()], banner: {js: lazyBanner(path.join(root, entry))}});
	const file = path.join(folder, `plan-${digestText(code)}.mjs`);
	writeAtomically(file, code);
	const files = filesOf(root, metafile);
	return {files: [...files, ...compilerFiles], value: {file, files}};
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
			throw new UserError('duplicate-stage', `Two stages are named "${exported.stage}"`, {facts: {first: other.module, second: exported.module}, hint: 'Names tell results apart; rename one.'});
		}

		names.set(exported.stage, exported);
	}

	return found;
}

function isStage(value: unknown): value is AnyStage {
	return typeof value === 'object' && value !== null && 'run' in value && 'outputs' in value && 'inputs' in value && 'name' in value;
}

/** Stage → its code, and the places in `files` of what it was made from. */
type CompiledStages = {readonly files: readonly string[]; readonly codes: Readonly<Record<string, {readonly code: StageCode; readonly from: readonly number[]}>>};

type Earlier = {readonly value: CompiledStages; readonly isUnchanged: (file: string) => boolean};

/** Compiles the stages that a changed file is part of, and keeps the others. */
async function compileStages(root: string, folder: string, {stages, earlier}: {readonly stages: readonly Exported[]; readonly earlier: Earlier | undefined}) {
	const places = new Map<string, number>();
	const placeOf = (file: string) => {
		const place = places.get(file) ?? places.size;
		places.set(file, place);
		return place;
	};

	const kept = (stage: string) => {
		const known = earlier?.value.codes[stage];
		const files = known?.from.flatMap(place => earlier?.value.files[place] ?? []) ?? [];
		return known && earlier && [...files, ...compilerFiles].every(file => earlier.isUnchanged(file)) ? {code: known.code, files} : undefined;
	};

	const declarations = withoutDeclarations();
	const compiled = await Promise.all(stages.map(async exported => {
		const {code, files} = kept(exported.stage) ?? await compileStage(root, folder, exported, declarations);
		return [exported.stage, {code, from: files.map(file => placeOf(file))}] as const;
	}));
	const files = [...places.keys()];
	return {files: [...files, ...compilerFiles], value: {files, codes: Object.fromEntries(compiled)}};
}

async function compileStage(root: string, folder: string, {module, name}: Exported, declarations: Plugin): Promise<{readonly code: StageCode; readonly files: readonly string[]}> {
	const contents = `export {${name} as default} from './${module}';`;
	const {plugin, manifests, versionsOf} = trackedPackages(root);
	const {code, map, metafile} = await bundle(root, {stdin: {contents, resolveDir: root}, plugins: [declarations, plugin], sourcemap: 'external'});
	const digest = digestText(`code:${codeFormat}\n${code}`);
	const file = path.join(folder, `stage-${digest}.mjs`);
	const mapName = `${path.basename(file)}.map`;
	writeAtomically(`${file}.map`, map);
	writeAtomically(file, `${code}\n//# sourceMappingURL=${mapName}\n`);
	const output = Object.values(metafile.outputs).find(({inputs}) => Object.keys(inputs).length > 0);
	const modules = Object.fromEntries(Object.entries(output?.inputs ?? {}).filter(([input]) => input !== '<stdin>').map(([input, {bytesInOutput}]) => [input, bytesInOutput]));
	return {code: {digest, file, packages: versionsOf(metafile), modules}, files: [...filesOf(root, metafile), ...manifests]};
}

/** What a bundle was made from. */
function filesOf(root: string, metafile: Metafile): string[] {
	return watchedFiles(root, Object.keys(metafile.inputs).filter(input => input !== '<stdin>' && !input.includes(':')));
}

type Bundled = {readonly code: string; readonly map: string; readonly metafile: Metafile};

async function bundle(root: string, options: BuildOptions): Promise<Bundled> {
	const {build} = await import('esbuild');
	try {
		const {outputFiles, metafile} = await build({
			absWorkingDir: root,
			outfile: path.join(root, 'stage.mjs'),
			bundle: true,
			platform: 'node',
			format: 'esm',
			target: 'node20',
			minifyWhitespace: true,
			legalComments: 'none',
			sourceRoot: `${root}${path.sep}`,
			treeShaking: true,
			metafile: true,
			write: false,
			logLevel: 'silent',
			// Without it, esbuild keeps imports that only types or cut declarations used.
			tsconfigRaw: {compilerOptions: {verbatimModuleSyntax: false, target: 'ES2022', useDefineForClassFields: true}},
			...options,
		});
		const map = outputFiles?.find(file => file.path.endsWith('.map'));
		const code = outputFiles?.find(file => !file.path.endsWith('.map'));
		return {code: code!.text, map: map?.text ?? '', metafile: metafile!};
	} catch (error) {
		throw syntaxError(error);
	}
}

type EsbuildFailure = {errors: Array<{text: string; location: {file: string; line: number; column: number; lineText: string} | null}>};

function syntaxError(error: unknown): unknown {
	const {errors} = error as Partial<EsbuildFailure>;
	if (!errors) {
		return error;
	}

	const lines = errors.map(({text, location}) => (location ? `${location.file}:${location.line}:${location.column + 1}: ${text}\n    ${location.lineText.trim()}` : text));
	return new UserError('code-invalid', `The pipeline's code does not compile:\n  ${lines.join('\n  ')}`);
}
