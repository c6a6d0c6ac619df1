import {existsSync, readFileSync, statSync} from 'node:fs';
import {isBuiltin} from 'node:module';
import path from 'node:path';
import {pathToFileURL} from 'node:url';
import type {Metafile, OnResolveArgs, Plugin} from 'esbuild';

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
			build.onLoad({filter: /./, namespace: 'lazy'}, ({path: specifier}) => ({
				contents: `
					let loaded;
					const load = () => loaded ??= requireLater(${JSON.stringify(specifier)});
					module.exports = new Proxy({}, {
						get: (_, name) => name === '__esModule' ? true : load()[name],
						has: (_, name) => name in load(),
					});`,
				loader: 'js',
			}));
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

/** Properties of a stage that say what may go in, not what comes out: rewording a param's description keeps results fresh. */
const declarativeKeys = new Set(['params', 'description']);

/** Blanks the declarative properties of `defineStage({…})` calls before bundling, so that they are not part of the code digest. */
export function withoutDeclarations(): Plugin {
	return {
		name: 'without-declarations',
		setup(build) {
			build.onLoad({filter: /\.[cm]?[jt]s$/}, async ({path: file}) => {
				const source = readFileSync(file, 'utf8');
				if (file.includes(`${path.sep}node_modules${path.sep}`) || !source.includes('defineStage(')) {
					return undefined;
				}

				const {transform} = await import('esbuild');
				const {code} = await transform(source, {loader: 'ts', sourcemap: 'inline', sourcefile: path.basename(file), tsconfigRaw: {compilerOptions: {verbatimModuleSyntax: true}}});
				return {contents: await blankDeclarations(code), loader: 'ts', resolveDir: path.dirname(file)};
			});
		},
	};
}

type SyntaxNode = {type: string; start: number; end: number; [key: string]: unknown};

async function blankDeclarations(code: string): Promise<string> {
	const {parse} = await import('acorn');
	const cuts: Array<readonly [number, number]> = [];
	const visit = (node: SyntaxNode) => {
		if (node.type === 'CallExpression' && (node.callee as SyntaxNode).name === 'defineStage') {
			const [declaration] = node.arguments as SyntaxNode[];
			for (const property of (declaration?.properties as SyntaxNode[] | undefined) ?? []) {
				const key = property.key as SyntaxNode | undefined;
				if (property.type === 'Property' && declarativeKeys.has(String(key?.name))) {
					cuts.push([property.start, property.end]);
				}
			}
		}

		for (const child of Object.values(node).flat()) {
			if (typeof child === 'object' && child !== null && 'type' in child) {
				visit(child as SyntaxNode);
			}
		}
	};

	visit(parse(code, {ecmaVersion: 'latest', sourceType: 'module'}) as unknown as SyntaxNode);
	// Blanks of the same length keep the source map right; the key stays, so that the object keeps its shape.
	let result = code;
	for (const [start, end] of cuts) {
		const stub = '_:0';
		result = result.slice(0, start) + stub + result.slice(start + stub.length, end).replaceAll(/[^\n]/g, ' ') + result.slice(end);
	}

	return result;
}
