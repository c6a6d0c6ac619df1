import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {Type} from '@sinclair/typebox';
import test, {type ExecutionContext} from 'ava';
import type {UserError} from '../../engine/error.ts';
import {loadVariants} from '../../engine/params.ts';

const slices = {
	data: Type.Union([
		Type.Object({kind: Type.Literal('drawn'), size: Type.Integer({minimum: 8, maximum: 512})}),
		Type.Object({kind: Type.Literal('folder'), path: Type.String({minLength: 1})}),
	], {discriminator: {propertyName: 'kind'}}),
	target: Type.Object({
		alpha: Type.Number({minimum: -10, maximum: 1}),
		steps: Type.Integer({minimum: 1}),
		rate: Type.Number({exclusiveMinimum: 0, exclusiveMaximum: 1}),
		schedule: Type.Union([Type.Literal('constant'), Type.Literal('cosine')]),
		flip: Type.Boolean(),
		milestones: Type.Array(Type.Integer(), {minItems: 1}),
	}),
	attack: Type.Object({
		target: Type.Optional(Type.Partial(Type.Object({alpha: Type.Number({maximum: 1})}))),
		crops: Type.Object({scale: Type.Number({minimum: 0})}),
	}),
};

const valid = {
	seed: 0,
	variants: {standard: {}, positive: {'target.alpha': 0.1}},
	data: {kind: 'drawn', size: 32},
	target: {alpha: 0, steps: 10, rate: 0.1, schedule: 'cosine', flip: true, milestones: [5]},
	attack: {crops: {scale: 1}},
};

type Files = Readonly<Record<string, unknown>>;

/** Writes params files, loads `params.json` and gives the variants. */
function load(t: ExecutionContext, files: Files, overrides: ReadonlyArray<readonly [string, unknown]> = []) {
	const folder = mkdtempSync(path.join(tmpdir(), 'params-'));
	t.teardown(() => {
		rmSync(folder, {recursive: true});
	});
	for (const [name, content] of Object.entries(files)) {
		writeFileSync(path.join(folder, name), typeof content === 'string' ? content : JSON.stringify(content));
	}

	try {
		return loadVariants(slices, {file: path.join(folder, 'params.json'), overrides});
	} catch (error) {
		// Messages name absolute paths; the temporary folder is left out of the comparison.
		(error as Error).message = (error as Error).message.replaceAll(`${folder}/`, '');
		throw error;
	}
}

function refuses(t: ExecutionContext, params: unknown, lines: readonly string[], overrides: ReadonlyArray<readonly [string, unknown]> = []) {
	const count = lines.length / 2;
	const error = t.throws<UserError>(() => load(t, {'params.json': params}, overrides), {name: 'UserError', code: 'params-invalid'});
	t.is(error.message, `${count} ${count === 1 ? 'problem' : 'problems'} in the params, nothing was run:\n${lines.join('\n')}`);
}

const withTarget = (change: object) => ({...valid, target: {...valid.target, ...change}});

test('a variant has its own params, and the params before its patch', t => {
	const [standard, positive] = load(t, {'params.json': valid});
	t.is((standard!.params.target as {alpha: number}).alpha, 0);
	t.is((positive!.params.target as {alpha: number}).alpha, 0.1);
	t.is((positive!.base.target as {alpha: number}).alpha, 0);
	t.deepEqual(positive!.patch, {'target.alpha': 0.1});
	t.false('variants' in positive!.params);
});

test('a number out of range is refused with the range', t => {
	refuses(t, withTarget({alpha: 2}), [
		'  "target.alpha" must be a number from -10 to 1, got 2',
		'    in params.json',
	]);
});

test('a range that is open says so', t => {
	refuses(t, withTarget({rate: 0, steps: 0}), [
		'  "target.steps" must be an integer of at least 1, got 0',
		'    in params.json',
		'  "target.rate" must be a number above 0 below 1, got 0',
		'    in params.json',
	]);
});

test('a wrong type is refused with the right one', t => {
	refuses(t, withTarget({steps: '10', flip: 1, milestones: 5, alpha: null}), [
		'  "target.alpha" must be a number from -10 to 1, got null',
		'    in params.json',
		'  "target.steps" must be an integer of at least 1, got "10"',
		'    in params.json',
		'  "target.flip" must be true or false, got 1',
		'    in params.json',
		'  "target.milestones" must be an array, got 5',
		'    in params.json',
	]);
});

test('a whole number is wanted where an integer is declared', t => {
	refuses(t, withTarget({steps: 1.5}), [
		'  "target.steps" must be an integer of at least 1, got 1.5',
		'    in params.json',
	]);
});

test('an unknown key is refused with the nearest spelling', t => {
	refuses(t, withTarget({setps: 3}), [
		'  "target.setps" is not a known key; did you mean "steps"? (known: alpha, steps, rate, schedule, flip, milestones)',
		'    in params.json',
	]);
});

test('an unknown slice is refused with the nearest spelling', t => {
	refuses(t, {...valid, atack: {}}, [
		'  "atack" is not a known key; did you mean "attack"? (known: $schema, extends, seed, variants, sweep, goals, data, target, attack)',
		'    in params.json',
	]);
});

test('a missing key is named with what belongs there', t => {
	const {alpha: _, ...target} = valid.target;
	const {seed: __, ...rest} = valid;
	refuses(t, {...rest, target}, [
		'  "seed" is missing, an integer from 0 to 4294967295',
		'    in params.json',
		'  "target.alpha" is missing, a number from -10 to 1',
		'    in params.json',
	]);
});

test('a choice that is none of the allowed ones is one problem', t => {
	refuses(t, withTarget({schedule: 'linear'}), [
		'  "target.schedule" must be one of "constant", "cosine", got "linear"',
		'    in params.json',
	]);
});

test('a list that is too short is refused', t => {
	refuses(t, withTarget({milestones: []}), [
		'  "target.milestones" must not have fewer than 1 items, got []',
		'    in params.json',
	]);
});

test('an unknown kind is refused with the known ones', t => {
	refuses(t, {...valid, data: {kind: 'drawing', size: 32}}, [
		'  "data.kind" must be one of "drawn", "folder", got "drawing"',
		'    in params.json',
	]);
});

test('only the kind that is meant complains', t => {
	refuses(t, {...valid, data: {kind: 'folder', pth: 'faces'}}, [
		'  "data.path" is missing, a text',
		'    in params.json',
		'  "data.pth" is not a known key; did you mean "path"? (known: kind, path)',
		'    in params.json',
	]);
});

test('all problems of the file, its variants and --set are reported together', t => {
	refuses(t, {...withTarget({alpha: 2, setps: 1}), variants: {one: {'target.rate': 5, 'target.alpha': 0}, two: {'target.rat': 0.5, 'target.steps.x': 1}}}, [
		'  "target.flip.x" cannot be set: "flip" is true, not an object',
		'    in --set target.flip.x',
		'  "variants.two["target.steps.x"]" cannot be set: "steps" is 10, not an object',
		'    in params.json',
		'  "target.setps" is not a known key; did you mean "steps"? (known: alpha, steps, rate, schedule, flip, milestones)',
		'    in params.json',
		'  "target.alpha" must be a number from -10 to 1, got 2',
		'    in params.json',
		'  "attack.crops.scale" must be a number of at least 0, got -1',
		'    in --set attack.crops.scale',
		'  "target.rate" must be a number above 0 below 1, got 5',
		'    in params.json, variant "one"',
		'  "target.rat" is not a known key; did you mean "rate"? (known: alpha, steps, rate, schedule, flip, milestones)',
		'    in params.json, variant "two"',
	], [['target.flip.x', 1], ['attack.crops.scale', -1]]);
});

test('a problem of the base is not repeated for every variant', t => {
	refuses(t, {...withTarget({alpha: 2}), variants: {one: {}, two: {}}}, [
		'  "target.alpha" must be a number from -10 to 1, got 2',
		'    in params.json',
	]);
});

test('--set of an unknown path names the option and the nearest spelling', t => {
	refuses(t, valid, [
		'  "targt" is not a known key; did you mean "target"? (known: $schema, extends, seed, variants, sweep, goals, data, target, attack)',
		'    in --set targt.alpha',
		'  "target.alhpa" is not a known key; did you mean "alpha"? (known: alpha, steps, rate, schedule, flip, milestones)',
		'    in --set target.alhpa',
	], [['target.alhpa', 1], ['targt.alpha', 1]]);
});

test('--set makes an optional group', t => {
	const [standard] = load(t, {'params.json': valid}, [['attack.target.alpha', 0.5]]);
	t.deepEqual(standard!.params.attack, {crops: {scale: 1}, target: {alpha: 0.5}});
});

test('--set may replace the variants', t => {
	t.deepEqual(load(t, {'params.json': valid}, [['variants', {only: {}}]]).map(({name}) => name), ['only']);
});

test('a params file without variants is refused', t => {
	refuses(t, {...valid, variants: {}}, [
		'  "variants" must not have fewer than 1 properties, got {}',
		'    in params.json',
	]);
});

test('a variant cannot change the set of variants or what the file extends', t => {
	refuses(t, {...valid, variants: {a: {'variants.b': {}, extends: 'x.json'}}}, [
		'  "variants.a["variants.b"]" cannot be changed by a variant',
		'    in params.json',
		'  "variants.a["extends"]" cannot be changed by a variant',
		'    in params.json',
	]);
});

test('a patch that is no object is refused', t => {
	refuses(t, {...valid, variants: {a: 1}}, [
		'  "variants.a" must be an object, got 1',
		'    in params.json',
	]);
});

test('--set of extends is refused: the file was read already', t => {
	refuses(t, valid, [
		'  "extends" can only be said by a params file',
		'    in --set extends',
	], [['extends', 'x.json']]);
});

test('"__proto__" is refused wherever it appears, and pollutes nothing', t => {
	const text = JSON.stringify({...valid, variants: {a: {'__proto__.polluted': 1, 'target.__proto__': {polluted: 1}}}}).replace('"flip":', '"__proto__":{"polluted":1},"flip":');
	refuses(t, text, [
		'  "__proto__.polluted" is not a key path',
		'    in --set __proto__.polluted',
		'  "variants.a["__proto__.polluted"]" is not a key path',
		'    in params.json',
		'  "variants.a["target.__proto__"]" is not a key path',
		'    in params.json',
		'  "target.__proto__" is not a known key (known: alpha, steps, rate, schedule, flip, milestones)',
		'    in params.json',
	], [['__proto__.polluted', 1]]);
	t.false('polluted' in {});
});

test('"__proto__" in a patch file is refused, not swallowed', t => {
	const error = t.throws<UserError>(() => load(t, {
		'params.json': '{"extends": "base.json", "target": {"__proto__": {"alpha": 1}}}',
		'base.json': valid,
	}));
	t.is(error.message, [
		'1 problem in the params, nothing was run:',
		'  "target.__proto__" is not a known key (known: alpha, steps, rate, schedule, flip, milestones)',
		'    in params.json',
	].join('\n'));
});

test('"constructor" is refused like any unknown key', t => {
	refuses(t, valid, [
		'  "constructor" is not a known key (known: $schema, extends, seed, variants, sweep, goals, data, target, attack)',
		'    in --set constructor.prototype.polluted',
		'  "target.constructor" is not a known key (known: alpha, steps, rate, schedule, flip, milestones)',
		'    in --set target.constructor',
	], [['constructor.prototype.polluted', 1], ['target.constructor', 1]]);
	t.false('polluted' in {});
});

test('a variant may be named like a property of every object', t => {
	t.deepEqual(load(t, {'params.json': JSON.stringify(valid).replace('"standard":', '"toString":')}).map(({name}) => name), ['toString', 'positive']);
});

test('a chain of files is merged key by key, the variants as a whole', t => {
	const [variant, ...others] = load(t, {
		'params.json': {extends: 'middle.json', target: {alpha: -0.1}, variants: {only: {'target.steps': 7}}},
		'middle.json': {extends: './base.json', target: {alpha: 0.5, rate: 0.2}},
		'base.json': valid,
	});
	t.deepEqual(others, []);
	t.is(variant!.name, 'only');
	t.deepEqual(variant!.params.target, {...valid.target, alpha: -0.1, rate: 0.2, steps: 7});
});

test('another kind replaces its slice, it is not merged into it', t => {
	const [variant] = load(t, {'params.json': {extends: 'base.json', data: {kind: 'folder', path: 'faces'}}, 'base.json': valid});
	t.deepEqual(variant!.params.data, {kind: 'folder', path: 'faces'});
});

test('a list replaces the list it patches', t => {
	const [variant] = load(t, {'params.json': {extends: 'base.json', target: {milestones: [1, 2]}}, 'base.json': valid});
	t.deepEqual((variant!.params.target as {milestones: number[]}).milestones, [1, 2]);
});

test('files that extend each other are refused with the circle', t => {
	t.throws(() => load(t, {'params.json': {extends: 'a.json'}, 'a.json': {extends: 'params.json'}}), {
		name: 'UserError',
		message: 'Params files extend each other: "params.json" → "a.json" → "params.json"',
	});
});

test('a file that extends one that is missing is refused', t => {
	t.throws(() => load(t, {'params.json': {extends: 'none.json'}}), {name: 'UserError', message: 'The params file "none.json" does not exist'});
});

test('a file that is no JSON is refused with the reason', t => {
	const error = t.throws<UserError>(() => load(t, {'params.json': '{"seed": 1,}'}), {name: 'UserError', code: 'params-syntax'});
	t.regex(error.message, /^"params\.json" cannot be read as JSON: Expected double-quoted property name in JSON at position 11/);
});

test('a file that holds no object is refused', t => {
	t.throws(() => load(t, {'params.json': '[1, 2]'}), {name: 'UserError', message: '"params.json" must hold a JSON object, got [1,2]'});
});

test('a folder in place of the file is refused', t => {
	t.throws(() => loadVariants(slices, {file: tmpdir(), overrides: []}), {
		name: 'UserError',
		message: `"${tmpdir()}" cannot be read as JSON: EISDIR: illegal operation on a directory, read`,
	});
});

test('what was found valid is not checked again, and anything else is', t => {
	const seen = new Set<string>();
	const file = path.join(mkdtempSync(path.join(tmpdir(), 'params-')), 'params.json');
	t.teardown(() => {
		rmSync(path.dirname(file), {recursive: true});
	});
	const loadAgain = (params: object, schema = slices) => {
		writeFileSync(file, JSON.stringify(params));
		return loadVariants(schema, {file, overrides: []}, {has: digest => seen.has(digest), add: digest => seen.add(digest)});
	};

	const first = loadAgain(valid);
	t.is(seen.size, 1);
	t.deepEqual(loadAgain(valid), first);
	t.is(seen.size, 1);
	t.throws(() => loadAgain(withTarget({alpha: 2})), {name: 'UserError'});
	t.throws(() => loadAgain({...valid, variants: {standard: {'target.alpha': 2}}}), {name: 'UserError'});
	t.throws(() => loadAgain(valid, {...slices, attack: Type.Object({crops: Type.Object({scale: Type.Number({maximum: 0.5})})}) as never}), {name: 'UserError'});
	t.is(seen.size, 1);
});

test('values listed for sweeps are checked like all others', t => {
	refuses(t, {...valid, sweep: {'target.alpha': [0, 2], 'target.alhpa': [0], 'attack.target.alpha': [0.5], 'target.flip.x': [1]}}, [
		'  "sweep["target.flip.x"]" cannot be set: "flip" is true, not an object',
		'    in params.json',
		'  "target.alpha" must be a number from -10 to 1, got 2',
		'    in params.json, values of "target.alpha" in "sweep"',
		'  "target.alhpa" is not a known key; did you mean "alpha"? (known: alpha, steps, rate, schedule, flip, milestones)',
		'    in params.json, values of "target.alhpa" in "sweep"',
	]);
});

test('a sweep of no values is refused, and so is a value in place of a list', t => {
	refuses(t, {...valid, sweep: {'target.alpha': [], 'target.rate': 0.5}}, [
		'  "sweep.target.alpha" must not have fewer than 1 items, got []',
		'    in params.json',
		'  "sweep.target.rate" must be an array, got 0.5',
		'    in params.json',
	]);
});

test('the values listed for sweeps are no part of a variant\'s params', t => {
	const [first] = load(t, {'params.json': {...valid, sweep: {'target.alpha': [0, 0.5]}}});
	t.false('sweep' in first!.params || 'sweep' in first!.base);
});

test('a variant cannot change what is swept', t => {
	refuses(t, {...valid, variants: {one: {'sweep.x': [1]}}}, [
		'  "variants.one["sweep.x"]" cannot be changed by a variant',
		'    in params.json',
	]);
});
