import {spawnSync} from 'node:child_process';
import {existsSync, mkdtempSync, readFileSync, readdirSync, rmSync} from 'node:fs';
import {isBuiltin} from 'node:module';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import test from 'ava';
import ts from 'typescript';
import {binary} from './helpers/cli.ts';
import {makeRig} from './helpers/rig.ts';

/*
	Cli ─→ pipeline.ts ─→ wiring ─→ stages ─→ datasets, models, training, losses, attacks, metrics, reporting, toy, weights, costs ─→ tensors, artifacts
	 └───────────┴───────────┴─────────┴──→ engine
*/
const root = path.join(import.meta.dirname, '..');
const pure = ['datasets', 'models', 'training', 'losses', 'attacks', 'metrics', 'reporting', 'toy', 'weights', 'costs', 'tensors', 'artifacts'];
const folders = ['engine', 'cli', 'wiring', 'stages', ...pure].filter(folder => existsSync(path.join(root, folder)));

type Import = {readonly from: string; readonly to: string; readonly isType: boolean};

/** Tests make and remove copies of examples meanwhile. */
const examples = readdirSync(path.join(root, 'examples')).filter(name => !name.startsWith('rig-')).flatMap(name => sourcesIn(path.join('examples', name))).flatMap(file => importsOf(file));

const imports = [...folders.flatMap(folder => sourcesIn(folder)), 'pipeline.ts', 'bin/pipeline.cjs', 'bin/compile.js']
	.filter(file => existsSync(path.join(root, file)))
	.flatMap(file => importsOf(file));

function sourcesIn(folder: string): string[] {
	return readdirSync(path.join(root, folder), {recursive: true, encoding: 'utf8'}).filter(file => /\.[jt]s$/.test(file)).map(file => path.join(folder, file));
}

/** Every import of a file: a path from the root for our own files, the specifier for packages. */
function importsOf(file: string): Import[] {
	const source = ts.createSourceFile(file, readFileSync(path.join(root, file), 'utf8'), ts.ScriptTarget.Latest, true);
	const found: Import[] = [];
	const add = (specifier: ts.Node | undefined, isType: boolean) => {
		if (specifier && ts.isStringLiteralLike(specifier)) {
			const to = specifier.text.startsWith('.') ? path.join(path.dirname(file), specifier.text) : specifier.text;
			found.push({from: file, to, isType});
		}
	};

	const visit = (node: ts.Node): void => {
		if (ts.isImportDeclaration(node)) {
			const {importClause: clause} = node;
			const named = clause?.namedBindings && ts.isNamedImports(clause.namedBindings) ? clause.namedBindings.elements : undefined;
			const isType = clause?.phaseModifier === ts.SyntaxKind.TypeKeyword || (clause?.name === undefined && named !== undefined && named.length > 0 && named.every(({isTypeOnly}) => isTypeOnly));
			add(node.moduleSpecifier, isType);
		} else if (ts.isExportDeclaration(node)) {
			add(node.moduleSpecifier, node.isTypeOnly);
		} else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
			add(node.arguments[0], false);
		} else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
			add(node.argument.literal, true);
		}

		ts.forEachChild(node, visit);
	};

	visit(source);
	return found;
}

const isOwn = (to: string) => folders.some(folder => to.startsWith(`${folder}/`)) || to === 'pipeline.ts';
const isIn = (file: string, ...names: readonly string[]) => names.some(name => file === name || file.startsWith(`${name}/`));
const show = ({from, to}: Import) => `${from} imports ${to}`;

test('every import leads to a file, a package or Node', t => {
	t.deepEqual(imports.filter(({to}) => (isOwn(to) || to.startsWith('..')) && !existsSync(path.join(root, to))).map(entry => show(entry)), []);
});

test('the engine imports nothing but itself, Node and packages, and no tensors', t => {
	const wrong = imports.filter(({from, to}) => isIn(from, 'engine') && !isIn(to, 'engine') && (isOwn(to) || to.startsWith('..') || to.startsWith('@tensorflow/')));
	t.deepEqual(wrong.map(entry => show(entry)), []);
});

test('the engine and the stages never print', t => {
	const printing = folders.filter(folder => folder !== 'cli').flatMap(folder => sourcesIn(folder)).filter(file => /\bconsole\./.test(readFileSync(path.join(root, file), 'utf8')));
	t.deepEqual(printing, []);
});

test('the pure folders know no stage, no pipeline and no command line', t => {
	t.deepEqual(imports.filter(({from, to}) => isIn(from, ...pure) && isIn(to, 'stages', 'wiring', 'cli', 'pipeline.ts', 'bin')).map(entry => show(entry)), []);
});

/** What the pure folders may take from the engine at run time: how values become bytes, what an error is, and where a package is. */
const sharedEngine = new Set(['engine/artifact.ts', 'engine/error.ts', 'engine/canonical-json.ts', 'engine/digest.ts', 'engine/installed.ts']);

test('the pure folders use the engine\'s types, and of its code only what describes values and finds packages', t => {
	t.deepEqual(imports.filter(({from, to, isType}) => isIn(from, ...pure) && isIn(to, 'engine') && !isType && !sharedEngine.has(to)).map(entry => show(entry)), []);
});

test('tensors import no other pure folder', t => {
	t.deepEqual(imports.filter(({from, to}) => isIn(from, 'tensors') && isIn(to, ...pure.filter(folder => folder !== 'tensors'))).map(entry => show(entry)), []);
});

test('stages import the engine\'s declarations and pure folders', t => {
	const allowed = new Set(['engine/stage.ts', 'engine/artifact.ts', 'engine/error.ts']);
	t.deepEqual(imports.filter(({from, to}) => isIn(from, 'stages') && isOwn(to) && !isIn(to, 'stages', ...pure) && !allowed.has(to)).map(entry => show(entry)), []);
});

test('nothing imports a stage but the pipeline and its wiring', t => {
	t.deepEqual(imports.filter(({from, to}) => isIn(to, 'stages', 'wiring') && !isIn(from, 'pipeline.ts', 'wiring')).map(entry => show(entry)), []);
});

test('the command line knows the engine and no stage, and its weights and data commands what files of weights and data sets are', t => {
	const isAllowed = ({from, to}: Import) => isIn(to, 'cli', 'engine') || (isIn(from, 'cli/weights') && isIn(to, 'weights', 'artifacts')) || (isIn(from, 'cli/data') && isIn(to, 'datasets'));
	t.deepEqual(imports.filter(entry => isIn(entry.from, 'cli') && isOwn(entry.to) && !isAllowed(entry)).map(entry => show(entry)), []);
});

test('examples use the engine through its one entry, and nothing else of ours', t => {
	t.true(examples.some(({to}) => to === 'engine/index.ts'));
	t.deepEqual(examples.filter(({to}) => to.includes('/') && !isIn(to, 'examples') && to !== 'engine/index.ts' && !isBuiltin(to)).map(entry => show(entry)), []);
});

test('the engine\'s entry is for others', t => {
	t.deepEqual(imports.filter(({to}) => to === 'engine/index.ts').map(entry => show(entry)), []);
});

test('packages are declared', t => {
	const manifest = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as Record<string, object>;
	const declared = new Set(['dependencies', 'optionalDependencies', 'peerDependencies'].flatMap(kind => Object.keys(manifest[kind] ?? {})));
	const names = imports.filter(({to}) => !to.startsWith('.') && !isOwn(to) && !isBuiltin(to) && !existsSync(path.join(root, to)))
		.map(({from, to}) => [from, to.split('/').slice(0, to.startsWith('@') ? 2 : 1).join('/')] as const);
	t.deepEqual(names.filter(([, name]) => !declared.has(name)).map(([from, name]) => `${from} imports ${name}`), []);
});

test('no module imports itself in a circle', t => {
	const graph = new Map<string, string[]>();
	for (const {from, to, isType} of imports) {
		if (!isType) {
			graph.set(from, [...graph.get(from) ?? [], to]);
		}
	}

	const done = new Set<string>();
	const circles: string[] = [];
	const visit = (file: string, trail: readonly string[]): void => {
		if (trail.includes(file)) {
			circles.push([...trail.slice(trail.indexOf(file)), file].join(' → '));
		} else if (!done.has(file)) {
			for (const next of graph.get(file) ?? []) {
				visit(next, [...trail, file]);
			}

			done.add(file);
		}
	};

	for (const file of graph.keys()) {
		visit(file, []);
	}

	t.deepEqual(circles, []);
});

test('there is code to look at', t => {
	t.true(imports.some(({from, to}) => from === 'engine/run.ts' && to === 'engine/store.ts'));
	t.true(imports.length > 100);
});

/** What Node says about the modules it loads. */
function loadingBy(args: readonly string[], cwd: string): string {
	const {stderr, status} = spawnSync(process.execPath, [binary, ...args], {cwd, encoding: 'utf8', maxBuffer: 1 << 28, env: {...process.env, NODE_DEBUG: 'module,esm'}});
	if (status !== 0) {
		throw new Error(stderr.split('\n').filter(line => !/^(?:MODULE|ESM) /.test(line)).join('\n'));
	}

	return stderr;
}

test('doing nothing loads no tensor library, no compiler, no worker and no progress display', async t => {
	using rig = await makeRig();
	loadingBy(['run'], rig.folder);
	// The shared cache is not asked when nothing is stale.
	const loading = loadingBy(['run', '--shared', 's3://nobody-asks-for-this'], rig.folder);
	t.regex(loading, /node_modules\/better-sqlite3(?:-12)?\//);
	for (const name of ['@tensorflow', 'esbuild', 'execa', 'sharp', 'acorn', 'log-update', 'chokidar', '@aws-sdk']) {
		t.false(loading.includes(`node_modules/${name}/`), `${name}`);
	}
});

test('planning the experiment loads no tensor library and no image library', t => {
	const cache = mkdtempSync(path.join(tmpdir(), 'architecture-'));
	t.teardown(() => {
		rmSync(cache, {recursive: true});
	});
	// The first call may compile; then nothing but the plan is loaded.
	loadingBy(['status', '--cache', cache], root);
	const loading = loadingBy(['status', '--cache', cache], root);
	t.regex(loading, /node_modules\/better-sqlite3(?:-12)?\//);
	for (const name of ['@tensorflow', 'sharp', 'esbuild', 'execa']) {
		t.false(loading.includes(`node_modules/${name}/`), `${name}`);
	}
});
