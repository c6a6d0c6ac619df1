import path from 'node:path';
import type {Metafile, Plugin} from 'esbuild';
import {writeAtomically} from './bundle.cjs';
import {bundleChanged, filesOf, type Earlier} from './bundling.ts';
import {trackedPackages, withoutDeclarations} from './code-plugins.ts';
import {digestText, type Digest} from './digest.ts';

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

/** A stage, and where it can be imported from. */
export type Exported = {
	/** As an import in the pipeline's folder names it. */
	readonly module: string;
	readonly name: string;
	/** The stage's name. */
	readonly stage: string;
};

/** Raise when the same sources would be printed in another way. */
const codeFormat = 3;

/** Stage → its code, and the places in `files` of what it was made from. */
export type CompiledStages = {readonly files: readonly string[]; readonly codes: Readonly<Record<string, {readonly code: StageCode; readonly from: readonly number[]}>>};

/** Compiles the stages that a changed file is part of, and keeps the others. */
export async function compileStages(root: string, folder: string, {stages, earlier}: {readonly stages: readonly Exported[]; readonly earlier: Earlier<CompiledStages> | undefined}): Promise<CompiledStages> {
	const places = new Map<string, number>();
	const placeOf = (file: string) => {
		const place = places.get(file) ?? places.size;
		places.set(file, place);
		return place;
	};

	const kept = (stage: string) => {
		const known = earlier?.value.codes[stage];
		const files = known?.from.flatMap(place => earlier?.value.files[place] ?? []) ?? [];
		return known && earlier && files.every(file => earlier.isUnchanged(file)) ? {code: known.code, files} : undefined;
	};

	const known = new Map(stages.flatMap(exported => {
		const compiled = kept(exported.stage);
		return compiled ? [[exported, compiled] as const] : [];
	}));
	const compiled = new Map([...known, ...await compileChanged(root, folder, stages.filter(exported => !known.has(exported)))]);
	const codes = Object.fromEntries(stages.map(exported => {
		const {code, files} = compiled.get(exported)!;
		return [exported.stage, {code, from: files.map(file => placeOf(file))}] as const;
	}));
	return {files: [...places.keys()], codes};
}

type Compiled = {readonly code: StageCode; readonly files: readonly string[]};

/** Compiles stages in one go, so that what they share is parsed once; each is linked as if it was alone. */
async function compileChanged(root: string, folder: string, stages: readonly Exported[]): Promise<ReadonlyMap<Exported, Compiled>> {
	if (stages.length === 0) {
		return new Map();
	}

	const {plugin, manifestOf, versionsOf} = trackedPackages(root);
	const {texts, metafile} = await bundleChanged(root, {
		entryPoints: Object.fromEntries(stages.map((_, index) => [`stage-${index}`, `stage:${index}`])),
		outExtension: {'.js': '.mjs'},
		plugins: [stageEntries(root, stages), plugin],
		sourcemap: 'external',
	}, {change: withoutDeclarations()});
	return new Map(stages.map((exported, index) => {
		const code = texts.get(`stage-${index}.mjs`)!;
		const digest = digestText(`code:${codeFormat}\n${code}`);
		const file = path.join(folder, `stage-${digest}.mjs`);
		const mapName = `${path.basename(file)}.map`;
		writeAtomically(`${file}.map`, texts.get(`stage-${index}.mjs.map`)!);
		writeAtomically(file, `${code}\n//# sourceMappingURL=${mapName}\n`);
		const output = metafile.outputs[`stage-${index}.mjs`]!;
		const modules = Object.fromEntries(Object.entries(output.inputs).filter(([input]) => !isEntry(input)).map(([input, {bytesInOutput}]) => [input, bytesInOutput]));
		const {inputs, packages} = reachableFrom(`stage:stage:${index}`, metafile);
		const files = [...filesOf(root, inputs), ...packages.flatMap(specifier => manifestOf(specifier) ?? [])];
		return [exported, {code: {digest, file, packages: versionsOf(output), modules}, files}];
	}));
}

/** Entry points that export one stage each. */
function stageEntries(root: string, stages: readonly Exported[]): Plugin {
	return {
		name: 'stage-entries',
		setup(build) {
			build.onResolve({filter: /^stage:\d+$/}, ({path: entry}) => ({path: entry, namespace: 'stage'}));
			build.onLoad({filter: /./, namespace: 'stage'}, ({path: entry}) => {
				const {module, name} = stages[Number(entry.slice('stage:'.length))]!;
				return {contents: `export {${name} as default} from '${module}';`, resolveDir: root};
			});
		},
	};
}

function isEntry(input: string): boolean {
	return input.startsWith('stage:');
}

/** All that an entry point imports, directly or not, whether its code is used or not. */
function reachableFrom(entry: string, {inputs}: Metafile): {readonly inputs: readonly string[]; readonly packages: readonly string[]} {
	const found = new Set([entry]);
	const packages = new Set<string>();
	for (const input of found) {
		for (const {path: imported, external} of inputs[input]?.imports ?? []) {
			(external ? packages : found).add(imported);
		}
	}

	return {inputs: [...found].filter(input => !isEntry(input)), packages: [...packages]};
}

