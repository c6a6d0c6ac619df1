import {mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import type {UserError} from '../../engine/error.ts';
import {makeRig} from '../helpers/rig.ts';

type Rig = Awaited<ReturnType<typeof makeRig>>;

/** Stage name → its code. */
async function codesOf(rig: Rig) {
	await using project = await rig.open();
	return Object.fromEntries(project.graph.nodes.map(({stage}) => [stage.name, project.loaded.codeOf(stage)]));
}

/** The stages whose digest an edit changes. */
async function changedBy(rig: Rig, edit: () => void): Promise<string[]> {
	const before = await codesOf(rig);
	edit();
	const after = await codesOf(rig);
	return Object.keys(after).filter(name => before[name]?.digest !== after[name]!.digest).toSorted();
}

const edits: ReadonlyArray<readonly [fact: string, file: string, from: string, to: string, changed: readonly string[]]> = [
	['a comment', 'helpers.ts', '/** Used by the stages. */', '// Another comment.\n/* And one more. */', []],
	['a type', 'helpers.ts', 'square(value: number): number', 'square(value: 0 | number): any', []],
	['white space', 'numbers.ts', 'return {values};', 'return {\n\n\n\tvalues\n};', []],
	['a helper that no stage uses', 'helpers.ts', 'value ** 3', 'value ** 4', []],
	['the range of a param', 'numbers.ts', 'maximum: 1000', 'maximum: 5', []],
	['the description of a param', 'scaled.ts', 'What every number is multiplied by.', 'The factor.', []],
	['the schema beside the stage', 'total.ts', 'Added to every sum.', 'A number.', []],
	['how an artifact is shown', 'number-list.ts', 'values.join(\' \')', 'values.join(\', \')', []],
	['how a stage\'s own artifact is shown', 'total.ts', String.raw`join('\n')`, 'join(\'; \')', []],
	['the wiring', 'pipeline.ts', '\'totals.json\': report', '\'sums.json\': report', []],
	['a helper that one stage uses', 'helpers.ts', 'return value * value;', 'return value * value * 1;', ['numbers']],
	['the body of a stage', 'scaled.ts', 'value * factor)', 'value * factor + 0)', ['scaled']],
	['an artifact that all stages use', 'number-list.ts', '\'number-list\'', '\'list-of-numbers\'', ['numbers', 'scaled', 'total']],
	['whether a stage draws random numbers', 'scaled.ts', 'seeded: true,', '', ['scaled']],
];

for (const [fact, file, from, to, changed] of edits) {
	test(`editing ${fact} changes the code of ${changed.length === 0 ? 'no stage' : changed.join(', ')}`, async t => {
		using rig = await makeRig();
		t.deepEqual(await changedBy(rig, () => {
			rig.edit(file, from, to);
		}), changed);
	});
}

test('what a stage has computed in threads is part of its code', async t => {
	using rig = await makeRig();
	rig.edit('numbers.ts', 'import {square}', 'import {cube, square}');
	rig.edit('numbers.ts', 'async run(', 'threads: {cube},\n\tasync run(');
	rig.edit('numbers.ts', '{onStep, log}', '{onStep, log, threads}');
	rig.edit('numbers.ts', 'return {values};', 'for await (const value of threads.cube([2])) {\n\t\t\tvalues.push(value);\n\t\t}\n\n\t\treturn {values};');
	t.deepEqual((await rig.run()).goals, {report: {single: 38, double: 76}});
	t.deepEqual(await changedBy(rig, () => {
		rig.edit('helpers.ts', 'value ** 3', 'value ** 4');
	}), ['numbers']);
	const {ran, goals} = await rig.run();
	t.true(ran.includes('numbers'));
	t.deepEqual(goals, {report: {single: 46, double: 92}});
});

test('params declared in a module of their own are no part of the code', async t => {
	using rig = await makeRig();
	const source = readFileSync(path.join(rig.folder, 'scaled.ts'), 'utf8');
	const start = source.indexOf('Type.Object(');
	const end = source.indexOf('}),\n\toutputs') + 2;
	writeFileSync(path.join(rig.folder, 'scaled-params.ts'), `import {Type} from '@sinclair/typebox';\n\nconst hundred = Type.Number({maximum: 100});\nexport const scaledParams = ${source.slice(start, end).replace('Type.Number({minimum: -100, maximum: 100,', 'Type.Composite([Type.Object({})]) && Type.Number({...hundred,')};\n`);
	writeFileSync(path.join(rig.folder, 'scaled.ts'), `import {scaledParams} from './scaled-params.ts';\n${source.slice(0, start)}scaledParams${source.slice(end)}`.replace('import {Type} from \'@sinclair/typebox\';\n', ''));
	t.deepEqual(await changedBy(rig, () => {
		rig.edit('scaled-params.ts', 'maximum: 100', 'maximum: 101');
	}), []);
});

test('another stage in the same module is no part of the code', async t => {
	using rig = await makeRig();
	const file = path.join(rig.folder, 'scaled.ts');
	const source = readFileSync(file, 'utf8');
	writeFileSync(file, `${source}\n${source.slice(source.indexOf('/** Every')).replace('const scaled', 'const shifted').replace('name: \'scaled\'', 'name: \'shifted\'').replace('Math.round(value * factor)', 'Math.round(value + factor)')}`);
	t.deepEqual(await changedBy(rig, () => {
		rig.edit('scaled.ts', 'value + factor', 'value - factor');
	}), []);
});

test('another artifact in the same module is no part of the code', async t => {
	using rig = await makeRig();
	rig.edit('number-list.ts', 'export const', 'export const other = jsonArtifact<string>()(\'other\');\nexport const');
	t.deepEqual(await changedBy(rig, () => {
		rig.edit('number-list.ts', '\'other\'', '\'another\'');
	}), []);
});

test('moving a stage to another file changes nothing', async t => {
	using rig = await makeRig();
	t.deepEqual(await changedBy(rig, () => {
		writeFileSync(path.join(rig.folder, '20-scaled.ts'), readFileSync(path.join(rig.folder, 'scaled.ts')));
		rig.edit('pipeline.ts', './scaled.ts', './20-scaled.ts');
	}), []);
});

test('editing a JSON file that a stage imports changes its code', async t => {
	using rig = await makeRig();
	writeFileSync(path.join(rig.folder, 'table.json'), '{"one": 1}');
	rig.edit('scaled.ts', 'import {numberList}', 'import table from \'./table.json\' with {type: \'json\'};\nimport {numberList}');
	rig.edit('scaled.ts', 'value * factor', 'value * factor * table.one');
	t.deepEqual(await changedBy(rig, () => {
		rig.edit('table.json', '1', '2');
	}), ['scaled']);
});

/** Adds a package to the rig's own node_modules. */
function addPackage(rig: Rig, name: string, version: string): void {
	const folder = path.join(rig.folder, 'node_modules', name);
	mkdirSync(folder, {recursive: true});
	writeFileSync(path.join(folder, 'package.json'), JSON.stringify({name, version, main: 'index.js'}));
	writeFileSync(path.join(folder, 'index.js'), 'exports.one = 1; exports.double = value => value * 2; globalThis.loadedPackages = [...globalThis.loadedPackages ?? [], __filename];');
}

test('the packages of a stage are those its code really imports, with their versions', async t => {
	using rig = await makeRig();
	addPackage(rig, '@scope/used', '1.2.3');
	addPackage(rig, 'unused', '1.0.0');
	rig.edit('scaled.ts', 'import {numberList}', 'import {one} from \'@scope/used\';\nimport {one as other} from \'unused\';\nimport {numberList}');
	rig.edit('scaled.ts', 'value * factor', 'value * factor * one');
	rig.edit('scaled.ts', '/** Every', 'export const unusedToo = () => other;\n\n/** Every');
	const before = await codesOf(rig);
	t.deepEqual(before.scaled!.packages, {'@scope/used': '1.2.3'});
	t.deepEqual(before.numbers!.packages, {});

	addPackage(rig, '@scope/used', '1.2.4');
	const after = await codesOf(rig);
	t.deepEqual(after.scaled!.packages, {'@scope/used': '1.2.4'});
	t.is(after.scaled!.digest, before.scaled!.digest);
	t.deepEqual((await rig.run()).goals, {report: {single: 30, double: 60}});
});

test('what describes params is no part of a stage, nor is the package it is built with', async t => {
	using rig = await makeRig();
	const {scaled} = await codesOf(rig);
	t.deepEqual(scaled!.packages, {});
	t.notRegex(readFileSync(scaled!.file, 'utf8'), /typebox|maximum/);
});

test('planning loads a package only when it is used, and then it works', async t => {
	using rig = await makeRig();
	addPackage(rig, 'lazy-named', '1.0.0');
	addPackage(rig, 'lazy-never', '1.0.0');
	rig.edit('scaled.ts', 'import {numberList}', 'import {double} from \'lazy-named\';\nimport * as all from \'lazy-named\';\nimport {double as never} from \'lazy-never\';\nimport {numberList}');
	rig.edit('scaled.ts', 'maximum: 100,', 'maximum: double(25) + all.double(25),');
	rig.edit('scaled.ts', 'value * factor', 'never(value) * factor / 2');
	await using project = await rig.open();
	t.is((project.loaded.pipeline.params.scaled as unknown as {properties: {factor: {maximum: number}}}).properties.factor.maximum, 100);
	const loaded = (globalThis as {loadedPackages?: string[]}).loadedPackages ?? [];
	t.true(loaded.some(file => file.includes('lazy-named')));
	t.false(loaded.some(file => file.includes('lazy-never')));
});

test('the modules of a stage are those that contribute code', async t => {
	using rig = await makeRig();
	const {numbers} = await codesOf(rig);
	t.deepEqual(Object.keys(numbers!.modules).filter(file => !file.startsWith('../')).toSorted(), ['helpers.ts', 'number-list.ts', 'numbers.ts']);
});

test('code that does not compile is refused with place and line', async t => {
	using rig = await makeRig();
	rig.edit('helpers.ts', 'return value * value;', 'return value ** ;');
	const error = await t.throwsAsync<UserError>(rig.open(), {name: 'UserError', code: 'code-invalid'});
	t.is(error.message, 'The pipeline\'s code does not compile:\n  helpers.ts:3:18: Unexpected ";"\n    return value ** ;');
});

test('a module that is missing is refused with the import', async t => {
	using rig = await makeRig();
	rig.edit('numbers.ts', './helpers.ts', './helper.ts');
	const error = await t.throwsAsync<UserError>(rig.open(), {name: 'UserError', code: 'code-invalid'});
	t.is(error.message, 'The pipeline\'s code does not compile:\n  numbers.ts:4:22: Could not resolve "./helper.ts"\n    import {square} from \'./helper.ts\';');
});

test('a pipeline that is missing is refused', async t => {
	using rig = await makeRig();
	const {loadPipeline} = await import('../../engine/code.ts');
	const file = path.join(rig.folder, 'none.ts');
	const error = await t.throwsAsync<UserError>(loadPipeline(file), {name: 'UserError', message: `There is no pipeline at "${file}"`});
	t.is(error.hint, 'Run the command in the folder of pipeline.ts, or name the file with --pipeline FILE.');
});

test('a stage that no module exports is refused', async t => {
	using rig = await makeRig();
	rig.edit('pipeline.ts', 'export default', 'const hidden = {...scaled, name: \'hidden\' as const};\n\nexport default');
	rig.edit('pipeline.ts', 'add(scaled,', 'add(hidden,');
	await using project = await rig.open();
	t.throws(() => project.loaded.codeOf(project.graph.nodes.find(({name}) => name.startsWith('hidden'))!.stage), {
		name: 'UserError', message: 'Stage "hidden" is not exported by a module that pipeline.ts leads to',
	});
});

test('stages may be wired by modules that the pipeline imports, and may come and go there', async t => {
	using rig = await makeRig();
	const before = await codesOf(rig);
	const far = path.join(rig.folder, 'far');
	mkdirSync(far);
	const helper = (source: string) => {
		writeFileSync(path.join(far, 'wiring.ts'), source);
	};

	helper('import {scaled} from \'../scaled.ts\';\n\nexport const chosen = scaled;\n');
	rig.edit('pipeline.ts', 'import {scaled} from \'./scaled.ts\';', 'import {wired as scaled} from \'./wiring.ts\';');
	writeFileSync(path.join(rig.folder, 'wiring.ts'), 'import {chosen} from \'./far/wiring.ts\';\n\nexport const wired = chosen;\n');
	t.deepEqual(await codesOf(rig), before);

	writeFileSync(path.join(far, 'other.ts'), readFileSync(path.join(rig.folder, 'scaled.ts'), 'utf8').replace('name: \'scaled\'', 'name: \'other\'').replaceAll(/(?<=from ')\.\.?\//g, relative => `${relative === './' ? '' : '../'}../`));
	helper('import {scaled} from \'./other.ts\';\n\nexport const chosen = scaled;\n');
	t.true(Object.keys(await codesOf(rig)).includes('other'));

	rmSync(path.join(far, 'other.ts'));
	helper('import {scaled} from \'../scaled.ts\';\n\nexport const chosen = scaled;\n');
	t.deepEqual(await codesOf(rig), before);
});

test('two stages of one name are refused with both places', async t => {
	using rig = await makeRig();
	rig.edit('scaled.ts', 'name: \'scaled\'', 'name: \'numbers\'');
	const error = await t.throwsAsync<UserError>(rig.open(), {name: 'UserError', message: 'Two stages are named "numbers"'});
	t.deepEqual(error.facts, {first: 'numbers.ts', second: 'scaled.ts'});
});

test('an error while the pipeline is evaluated is not blamed on the user', async t => {
	using rig = await makeRig();
	rig.edit('pipeline.ts', 'export default', 'throw new RangeError(\'boom\');\n\nexport default');
	await t.throwsAsync(rig.open(), {instanceOf: RangeError, message: 'boom'});
});
