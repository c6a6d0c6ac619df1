import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test, {type ExecutionContext} from 'ava';
import {build} from 'esbuild';
import {codeChanges, mapCode, type CodeMap} from '../../engine/code-map.ts';

/** The map of a stage whose modules are given by their names; `stage.ts` exports it. */
async function mapOf(t: ExecutionContext, modules: Readonly<Record<string, string>>): Promise<CodeMap> {
	const folder = mkdtempSync(path.join(tmpdir(), 'code-map-'));
	t.teardown(() => {
		rmSync(folder, {recursive: true});
	});
	for (const [name, source] of Object.entries(modules)) {
		writeFileSync(path.join(folder, name), source);
	}

	const {outputFiles} = await build({
		absWorkingDir: folder,
		stdin: {contents: 'export {stage as default} from \'./stage.ts\';', resolveDir: folder},
		outfile: path.join(folder, 'out.mjs'),
		bundle: true,
		platform: 'node',
		format: 'esm',
		target: 'node20',
		minifyWhitespace: true,
		sourcemap: 'external',
		write: false,
	});
	return mapCode(outputFiles[1]!.text, outputFiles[0]!.text);
}

/** File → names of its declarations. */
const names = (map: CodeMap) => Object.fromEntries(Object.entries(map).map(([file, declarations]) => [file, Object.keys(declarations)]));

const stage = 'import {half} from \'./half.ts\';\nexport const stage = {name: \'stage\', run: (x: number) => half(x)};\n';
const half = 'export const half = (x: number) => x / 2;\n';

test('a map names the declarations of every file, and methods by themselves', async t => {
	t.deepEqual(names(await mapOf(t, {
		'stage.ts': `${stage.replace('half(x)', 'half(x) + new Sum(...parts).of()')}
			import {join} from 'node:path';
			class Sum { #a; constructor(a: number, readonly b = 0) { this.#a = a; } of() { return this.#a; } static from() {} }
			const {first, rest: [second = 1]} = JSON.parse('{}');
			const parts = [first, second] as const;
			function unused() {}
			declare(join);
			function declare(_: unknown) {}`,
		'half.ts': half,
	})), {
		'half.ts': ['half'],
		'stage.ts': ['import "node:path"', 'stage', 'stage.run', 'Sum', 'Sum.constructor', 'Sum.of', 'Sum.from', 'first, second', 'parts', '(top-level statements)', 'declare'],
	});
});

const edits: ReadonlyArray<readonly [fact: string, edit: (sources: {stage: string; half: string}) => {stage: string; half: string}, expected: unknown]> = [
	['nothing', sources => sources, []],
	['a comment and a type', ({stage, half}) => ({stage, half: half.replace('(x: number)', '/* of */ (x: any)')}), []],
	['a function', ({stage, half}) => ({stage, half: half.replace('/ 2', '* 0.5')}), [{file: 'half.ts', changed: ['half'], added: [], removed: []}]],
	['a method', ({stage, half}) => ({stage: stage.replace('half(x)', 'half(x) + 1'), half}), [{file: 'stage.ts', changed: ['stage.run'], added: [], removed: []}]],
	['what is beside the method', ({stage, half}) => ({stage: stage.replace('\'stage\'', '\'scene\''), half}), [{file: 'stage.ts', changed: ['stage'], added: [], removed: []}]],
	['a function and its helper', ({stage, half}) => ({stage, half: `${half.replace('x / 2', 'x / two()')}const two = () => 2;\n`}), [{file: 'half.ts', changed: ['half'], added: ['two'], removed: []}]],
	['the last use of a module', ({stage, half}) => ({stage: stage.replace('half(x)', 'x'), half}), [{file: 'half.ts', changed: [], added: [], removed: ['half']}, {file: 'stage.ts', changed: ['stage.run'], added: [], removed: []}]],
];

for (const [fact, edit, expected] of edits) {
	test(`an edit of ${fact} is named`, async t => {
		const sources = edit({stage, half});
		t.deepEqual<unknown, unknown>(codeChanges(await mapOf(t, {'stage.ts': stage, 'half.ts': half}), await mapOf(t, {'stage.ts': sources.stage, 'half.ts': sources.half})), expected);
	});
}

test('a name that the compiler changes because of another module is no change', async t => {
	const before = {
		'stage.ts': 'import {scale} from \'./scale.ts\';\nexport const stage = {run: (x: number) => { const {size: width, depth = 1} = scale(x); return {width, depth}; }};\n',
		'scale.ts': 'const size = 3;\nexport function scale(depth: number) { const width = depth; return {size, depth, width}; }\n',
	};
	const after = {
		...before,
		'stage.ts': `import {other} from './other.ts';\n${before['stage.ts'].replace('{width, depth}', '{width, depth, more: other()}')}`,
		'other.ts': 'const size = 4;\nconst width = 5;\nconst depth = 6;\nexport const other = () => size + width + depth;\n',
	};
	t.deepEqual(codeChanges(await mapOf(t, before), await mapOf(t, after)), [
		{file: 'other.ts', changed: [], added: ['depth', 'other', 'size', 'width'], removed: []},
		{file: 'stage.ts', changed: ['stage.run'], added: [], removed: []},
	]);
});

test('what is imported by import() is named too', async t => {
	const lazy = (factor: number) => ({
		'stage.ts': 'export const stage = {run: async (x: number) => (await import(\'./lazy.ts\')).twice(x)};\n',
		'lazy.ts': `const factor = ${factor};\nconst [one] = [1];\nexport const twice = (x: number) => x * factor * one;\nexport function unchanged() {}\n`,
	});
	const [before, after] = [await mapOf(t, lazy(2)), await mapOf(t, lazy(3))];
	t.deepEqual(names(before), {'lazy.ts': ['unchanged', 'factor', 'one', 'twice'], 'stage.ts': ['stage', 'stage.run']});
	t.deepEqual(codeChanges(before, after), [{file: 'lazy.ts', changed: ['factor'], added: [], removed: []}]);
});

test('a function that moves to another file unchanged is no change', async t => {
	const before = await mapOf(t, {'stage.ts': stage, 'half.ts': half});
	const after = await mapOf(t, {'stage.ts': stage.replace('half.ts', 'part.ts'), 'part.ts': half});
	t.deepEqual(codeChanges(before, after), []);
});
