import {existsSync, readFileSync, statSync} from 'node:fs';
import {isBuiltin} from 'node:module';
import path from 'node:path';
import type {Metafile, OnResolveArgs, Plugin} from 'esbuild';
import {stampOf} from './bundle.cjs';

/** A bare specifier such as `sharp` or `@tensorflow/tfjs-core/dist/x`, or one of Node's own modules. */
const bareSpecifier = /^[^./]/;

/** Whether esbuild asks for an npm package rather than for an entry point or one of Node's own modules. */
function isPackage({path: specifier, kind}: OnResolveArgs): boolean {
	return kind !== 'entry-point' && !isBuiltin(specifier) && !path.isAbsolute(specifier);
}

/** A plugin and what it learnt about the packages of the bundle. */
export type TrackedPackages = {
	readonly plugin: Plugin;
	/** The package.json of what an import names: a change there may change the version. */
	readonly manifestOf: (specifier: string) => string | undefined;
	/** Npm package → version, for the packages that an output really imports. */
	readonly versionsOf: (output: Metafile['outputs'][string]) => Record<string, string>;
};

/** Leaves npm packages outside the bundle, drops the ones whose importers are all unused, and knows their versions. */
export function trackedPackages(root: string): TrackedPackages {
	const manifests = new Map<string, string>();
	const versions = new Map<string, string>();
	const plugin: Plugin = {
		name: 'tracked-packages',
		setup(build) {
			build.onResolve({filter: bareSpecifier}, args => {
				if (!isPackage(args)) {
					return undefined;
				}

				const {path: specifier, importer} = args;
				const name = packageName(specifier);
				const manifest = versions.has(name) ? undefined : findManifest(name, root);
				if (manifest) {
					manifests.set(name, manifest);
					versions.set(name, (JSON.parse(readFileSync(manifest, 'utf8')) as {version: string}).version);
				}

				// An import without names runs the package for its effects; an import whose names go unused may be dropped.
				const isForEffect = new RegExp(`import\\s*['"]${specifier.replaceAll(/[/.]/g, String.raw`\$&`)}['"]`).test(existsSync(importer) ? readFileSync(importer, 'utf8') : '');
				return {path: specifier, external: true, sideEffects: isForEffect};
			});
		},
	};
	return {
		plugin,
		manifestOf: specifier => manifests.get(packageName(specifier)),
		versionsOf(output) {
			const imports = output.imports.filter(({external}) => external).map(({path: specifier}) => packageName(specifier));
			return Object.fromEntries([...new Set(imports)].filter(name => versions.has(name)).toSorted().map(name => [name, versions.get(name)!]));
		},
	};
}

function packageName(specifier: string): string {
	return specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

function findManifest(name: string, root: string): string | undefined {
	for (let folder = root; ; folder = path.dirname(folder)) {
		const manifest = path.join(folder, 'node_modules', name, 'package.json');
		if (statSync(manifest, {throwIfNoEntry: false})) {
			return manifest;
		}

		if (folder === path.dirname(folder)) {
			return undefined;
		}
	}
}

/**
 * The functions that declare, which have no effects: what they declare is left out of the code of stages that do not use it. And
 * their properties that do not say what comes out of a stage: what may go in, what it costs, how an artifact is shown, which numbers it tells, and what it looks like from afar.
 */
const declarativeKeys: Readonly<Record<string, ReadonlySet<string>>> = {
	defineStage: new Set(['params', 'description', 'cost']),
	artifactType: new Set(['preview', 'numbers', 'outline']),
	jsonArtifact: new Set(['preview', 'numbers', 'outline']),
	textArtifact: new Set(),
	each: new Set(),
};

/** Builds schemas of params, which only declarations use: what describes them, and the package, is left out with them. */
const schemaBuilder = 'Type';

/** What is blanked in the sources. */
type Blanking = {
	/** Of the plugin. */
	readonly name: string;
	/** Finds files where there may be something to blank. */
	readonly mayApply: RegExp;
	/** Function → properties of its arguments. */
	readonly keys: Readonly<Record<string, ReadonlySet<string>>>;
	/** What the first blanked property of an object becomes. */
	readonly blank: string;
};

const declarations: Blanking = {
	name: 'without-declarations',
	mayApply: new RegExp(String.raw`\b(?:${Object.keys(declarativeKeys).join('|')})\b.*\(|\b${schemaBuilder}\.\w+\(`),
	keys: declarativeKeys,
	blank: '_:0',
};

const computations: Blanking = {
	name: 'without-computations',
	mayApply: /\bdefineStage\b.*\(/,
	keys: {defineStage: new Set(['run', 'threads'])},
	blank: 'run:0',
};

/** Blanks declarative properties before bundling, so that they are not part of the code digest. */
export function withoutDeclarations(): Plugin {
	return blanking(declarations);
}

/** Blanks what stages do before a pipeline is compiled for planning, which only reads what they declare: what they compute with is not loaded, nor compiled again when it is edited. */
export function withoutComputations(): Plugin {
	return blanking(computations);
}

/** Stages share most of their files, which are looked at once; in watch mode, once per edit. */
const blankedFiles = new Map<string, {readonly stamp: string; readonly contents: Promise<string | undefined>}>();

function blanking(what: Blanking): Plugin {
	return {
		name: what.name,
		setup(build) {
			build.onLoad({filter: /\.[cm]?[jt]s$/}, async ({path: file}) => {
				const key = `${what.name} ${file}`;
				const stamp = stampOf(file);
				const known = blankedFiles.get(key);
				const blanked = known?.stamp === stamp ? known : {stamp, contents: blankFile(file, what)};
				blankedFiles.set(key, blanked);
				const contents = await blanked.contents;
				return contents === undefined ? undefined : {contents, loader: 'ts', resolveDir: path.dirname(file)};
			});
		},
	};
}

/** @returns nothing for a file where there is nothing to blank, or that does not compile, which the compiler says in words */
async function blankFile(file: string, what: Blanking): Promise<string | undefined> {
	const source = readFileSync(file, 'utf8');
	if (file.includes(`${path.sep}node_modules${path.sep}`) || !what.mayApply.test(source)) {
		return undefined;
	}

	const {transform} = await import('esbuild');
	try {
		const {code} = await transform(source, {loader: 'ts', sourcemap: 'inline', sourcefile: path.basename(file), tsconfigRaw: {compilerOptions: {verbatimModuleSyntax: true}}});
		return await blank(code, what);
	} catch {
		return undefined;
	}
}

type SyntaxNode = {readonly type: string; readonly start: number; readonly end: number; readonly [key: string]: unknown};
type Edit = {readonly start: number; readonly end: number; readonly text: string};

async function blank(code: string, what: Blanking): Promise<string> {
	const {parse} = await import('acorn');
	const edits: Edit[] = [];
	const visit = (node: SyntaxNode) => {
		edits.push(...editsOf(node, code, what));
		for (const child of Object.values(node).flat()) {
			if (typeof child === 'object' && child !== null && 'type' in child) {
				visit(child as SyntaxNode);
			}
		}
	};

	visit(parse(code, {ecmaVersion: 'latest', sourceType: 'module'}) as unknown as SyntaxNode);
	const pieces: string[] = [];
	let done = 0;
	for (const {start, end, text} of edits.toSorted((a, b) => a.start - b.start)) {
		// What is inside of what is blanked goes with it.
		if (start >= done) {
			pieces.push(code.slice(done, start), text);
			done = end;
		}
	}

	return pieces.join('') + code.slice(done);
}

/** Tells esbuild to drop a call whose value is not used. */
const pure = '/* @__PURE__ */ ';

function editsOf(node: SyntaxNode, code: string, {keys: keysOf, blank}: Blanking): readonly Edit[] {
	if (node.type !== 'CallExpression') {
		return [];
	}

	// `jsonArtifact()('kind', {…})` is a call of a call.
	const callee = node.callee as SyntaxNode;
	if (callee.type === 'MemberExpression' && (callee.object as SyntaxNode).name === schemaBuilder) {
		return [{start: node.start, end: node.start, text: pure}];
	}

	const {name} = callee.type === 'CallExpression' ? callee.callee as SyntaxNode : callee;
	const keys = typeof name === 'string' && Object.hasOwn(keysOf, name) ? keysOf[name] : undefined;
	if (keys === undefined) {
		return [];
	}

	const objects = (node.arguments as SyntaxNode[]).map(argument => (argument.properties as SyntaxNode[] | undefined) ?? []);
	return [
		{start: node.start, end: node.start, text: pure},
		...objects.flatMap(properties => blanks(properties, keys, {code, blank})),
	];
}

/** A second declarative property, such as the numbers of an artifact that had a preview, leaves no trace at all. */
function blanks(properties: readonly SyntaxNode[], keys: ReadonlySet<string>, {code, blank}: {readonly code: string; readonly blank: string}): readonly Edit[] {
	const places = properties.flatMap((property, place) => (property.type === 'Property' && keys.has(String((property.key as SyntaxNode).name)) ? [place] : []));
	return places.map((place, count) => {
		const start = count === 0 ? properties[place]!.start : properties[place - 1]!.end;
		const {end} = properties[place]!;
		const removed = code.slice(start, end);
		return {start, end, text: `${count === 0 ? blank : ''}${lineBreaksIn(removed)}`};
	});
}

/** They keep the source map right. */
function lineBreaksIn(code: string): string {
	return code.replaceAll(/[^\n]/g, '');
}
