import {existsSync, readFileSync, statSync} from 'node:fs';
import {isBuiltin} from 'node:module';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import type {Metafile, OnResolveArgs, Plugin} from 'esbuild';
import {standInFor} from './stand-in.cjs';

/** A bare specifier such as `sharp` or `@tensorflow/tfjs-core/dist/x`, or one of Node's own modules. */
const bareSpecifier = /^[^./]/;

/** Whether esbuild asks for an npm package rather than for an entry point or one of Node's own modules. */
function isPackage({path: specifier, kind}: OnResolveArgs): boolean {
	return kind !== 'entry-point' && !isBuiltin(specifier) && !path.isAbsolute(specifier);
}

/** Defines `requireLater` for the stand-ins of `lazyPackages`; packages are looked up as from `file`. */
export function lazyBanner(file: string): string {
	return `import {createRequire as createRequireLater} from 'node:module';\nconst requireLater = createRequireLater(${JSON.stringify(pathToFileURL(file).href)});`;
}

/** Replaces npm packages by stand-ins that load the real package when one of its exports is first used. */
export function lazyPackages(): Plugin {
	return {
		name: 'lazy-packages',
		setup(build) {
			build.onResolve({filter: bareSpecifier}, args => (isPackage(args) && !eagerPackages.has(args.path) ? {path: args.path, namespace: 'lazy'} : undefined));
			build.onLoad({filter: /./, namespace: 'lazy'}, ({path: specifier}) => ({contents: standInFor(`requireLater(${JSON.stringify(specifier)})`), loader: 'js'}));
		},
	};
}

/** Finds the files that a file imports, and looks no further. */
export function onlyImportsOf(entry: string): Plugin {
	const asked = {};
	return {
		name: 'only-imports',
		setup(build) {
			build.onResolve({filter: /./}, async ({path: specifier, importer, kind, resolveDir, pluginData}) => {
				if (importer !== entry || pluginData === asked) {
					return undefined;
				}

				if (!specifier.startsWith('.')) {
					return {path: specifier, external: true};
				}

				const found = await build.resolve(specifier, {importer, kind, resolveDir, pluginData: asked});
				return found.errors.length > 0 ? {errors: found.errors} : {path: found.path, external: true};
			});
		},
	};
}

/** Declarations need these, and they are small: they become part of the plan. */
const eagerPackages = new Set(['@sinclair/typebox', 'xxhash-wasm']);

/** A plugin and what it learnt about the packages of the bundle. */
export type TrackedPackages = {
	readonly plugin: Plugin;
	/** The package.json of every package that is imported anywhere; a change there may change a version. */
	readonly manifests: ReadonlySet<string>;
	/** Npm package → version, for the packages that the bundle really imports. */
	readonly versionsOf: (metafile: Metafile) => Record<string, string>;
};

/** Leaves npm packages outside the bundle, drops the ones whose importers are all unused, and knows their versions. */
export function trackedPackages(root: string): TrackedPackages {
	const manifests = new Set<string>();
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
				const manifest = manifestOf(name, root);
				if (manifest) {
					manifests.add(manifest);
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
		manifests,
		versionsOf(metafile) {
			const imports = Object.values(metafile.outputs).flatMap(output => output.imports.filter(({external}) => external).map(({path: specifier}) => packageName(specifier)));
			return Object.fromEntries([...new Set(imports)].filter(name => versions.has(name)).toSorted().map(name => [name, versions.get(name)!]));
		},
	};
}

function packageName(specifier: string): string {
	return specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

function manifestOf(name: string, root: string): string | undefined {
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
 * their properties that do not say what comes out of a stage: what may go in, how an artifact is shown, and which numbers it tells.
 */
const declarativeKeys: Readonly<Record<string, ReadonlySet<string>>> = {
	defineStage: new Set(['params', 'description']),
	artifactType: new Set(['preview', 'numbers']),
	jsonArtifact: new Set(['preview', 'numbers']),
	textArtifact: new Set(),
	each: new Set(),
};

/** Builds schemas of params, which only declarations use: what describes them, and the package, is left out with them. */
const schemaBuilder = 'Type';

const declaration = new RegExp(String.raw`\b(?:${Object.keys(declarativeKeys).join('|')})\b.*\(|\b${schemaBuilder}\.\w+\(`);

/** Blanks declarative properties before bundling, so that they are not part of the code digest. */
export function withoutDeclarations(): Plugin {
	// Stages share most of their files: one plugin for all of them looks at every file once.
	const blanked = new Map<string, Promise<string | undefined>>();
	return {
		name: 'without-declarations',
		setup(build) {
			build.onLoad({filter: /\.[cm]?[jt]s$/}, async ({path: file}) => {
				const known = blanked.get(file) ?? blankFile(file);
				blanked.set(file, known);
				const contents = await known;
				return contents === undefined ? undefined : {contents, loader: 'ts', resolveDir: path.dirname(file)};
			});
		},
	};
}

/** @returns nothing for a file that declares nothing */
async function blankFile(file: string): Promise<string | undefined> {
	const source = readFileSync(file, 'utf8');
	if (file.includes(`${path.sep}node_modules${path.sep}`) || !declaration.test(source)) {
		return undefined;
	}

	const {transform} = await import('esbuild');
	const {code} = await transform(source, {loader: 'ts', sourcemap: 'inline', sourcefile: path.basename(file), tsconfigRaw: {compilerOptions: {verbatimModuleSyntax: true}}});
	return blankDeclarations(code);
}

type SyntaxNode = {readonly type: string; readonly start: number; readonly end: number; readonly [key: string]: unknown};
type Edit = {readonly start: number; readonly end: number; readonly text: string};

async function blankDeclarations(code: string): Promise<string> {
	const {parse} = await import('acorn');
	const edits: Edit[] = [];
	const visit = (node: SyntaxNode) => {
		edits.push(...editsOf(node, code));
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

function editsOf(node: SyntaxNode, code: string): readonly Edit[] {
	if (node.type !== 'CallExpression') {
		return [];
	}

	// `jsonArtifact()('kind', {…})` is a call of a call.
	const callee = node.callee as SyntaxNode;
	if (callee.type === 'MemberExpression' && (callee.object as SyntaxNode).name === schemaBuilder) {
		return [{start: node.start, end: node.start, text: pure}];
	}

	const {name} = callee.type === 'CallExpression' ? callee.callee as SyntaxNode : callee;
	const keys = typeof name === 'string' && Object.hasOwn(declarativeKeys, name) ? declarativeKeys[name] : undefined;
	if (keys === undefined) {
		return [];
	}

	const objects = (node.arguments as SyntaxNode[]).map(argument => (argument.properties as SyntaxNode[] | undefined) ?? []);
	return [
		{start: node.start, end: node.start, text: pure},
		...objects.flatMap(properties => blanks(properties, keys, code)),
	];
}

/** A second declarative property, such as the numbers of an artifact that had a preview, leaves no trace at all. */
function blanks(properties: readonly SyntaxNode[], keys: ReadonlySet<string>, code: string): readonly Edit[] {
	const places = properties.flatMap((property, place) => (property.type === 'Property' && keys.has(String((property.key as SyntaxNode).name)) ? [place] : []));
	return places.map((place, count) => {
		const start = count === 0 ? properties[place]!.start : properties[place - 1]!.end;
		const {end} = properties[place]!;
		const removed = code.slice(start, end);
		return {start, end, text: count === 0 ? blankOf(removed) : lineBreaksIn(removed)};
	});
}

/** A property that says nothing, with the line breaks of the one it replaces, which keeps the source map right. */
function blankOf(property: string): string {
	return `_:0${lineBreaksIn(property)}`;
}

function lineBreaksIn(code: string): string {
	return code.replaceAll(/[^\n]/g, '');
}
