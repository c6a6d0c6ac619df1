import test from 'ava';
import {UserError} from '../../../engine/error.ts';
import {ablatedVariants, checkOtherParams} from '../../../reporting/analyses/ablated-variants.ts';

const selected = {'surrogate.reconstructions': 'selected'};
const variants = Object.entries({
	standard: {},
	negative: {'target.alpha': -0.05},
	mid: {'target.defense': {kind: 'mid', lambda: 0.1}},
	'own surrogate': selected,
	'own surrogate, negative': {'target.alpha': -0.05, ...selected},
	'own surrogate, no selection': {...selected, 'selection.keepPerClass': 10},
	ablated: {...selected, 'sampling.target': {alpha: 0.1}},
	'ablated by path': {'selection.target.alpha': 0.1, ...selected},
}).map(([name, patch]) => ({name, patch}));

test('variants are ablated when a stage looks at a model of its own, and belong to those that differ in smoothing and selection alone', t => {
	t.deepEqual(ablatedVariants(variants).map(({name}) => name), ['own surrogate', 'own surrogate, negative', 'own surrogate, no selection', 'ablated', 'ablated by path']);
	t.deepEqual(ablatedVariants(variants.slice(0, 6)), []);
});

test('variants that differ in other params too are not compared', t => {
	t.notThrows(() => {
		checkOtherParams(variants.slice(3));
	});
	const error = t.throws(() => {
		checkOtherParams(variants);
	}, {instanceOf: UserError, message: 'Variants whose attack stages look at other models must share all other params'});
	t.deepEqual(error.facts, {expected: 'no other change', got: 'target.defense = {"kind":"mid","lambda":0.1}; surrogate.reconstructions = "selected"'});
	t.is(error.hint, 'Change them for all of these variants, or give the others a params file of their own.');
});
