import test from 'ava';
import {UserError} from '../../engine/error.ts';
import {compareVariants} from '../../reporting/comparison.ts';
import {metricsOf, threeVariants} from '../helpers/report.ts';

test('variants stand in order of decreasing smoothing', t => {
	t.deepEqual(compareVariants(threeVariants, {baseline: 'standard'}).rows.map(([name]) => name), ['positive', 'standard', 'negative']);
});

test('every metric of the attack says when the attack is stronger', t => {
	const {columns} = compareVariants(threeVariants, {baseline: 'standard'});
	t.deepEqual(columns.filter(column => column.strongerAttack).map(({name, strongerAttack}) => `${name} ${strongerAttack}`), [
		'Acc@1 higher', 'Acc@5 higher', 'δ_face lower', 'δ_eval lower', 'FID lower', 'ξ_train higher', 'ξ_test higher',
	]);
});

test('an unknown baseline is reported with the variants there are', t => {
	const error = t.throws(() => compareVariants(threeVariants, {baseline: 'hard'}), {instanceOf: UserError});
	t.is(error.message, 'There is no variant "hard" to compare with');
	t.deepEqual(error.facts, {variants: 'positive, standard, negative'});
});

test('two variants of one name are refused', t => {
	t.throws(() => compareVariants([threeVariants[0]!, threeVariants[0]!], {baseline: 'standard'}), {
		instanceOf: RangeError, message: 'Expected variants of different names, got "standard" twice',
	});
});

test('a metric that is not a number is refused', t => {
	const variants = [{name: 'standard', alpha: 0, metrics: {...metricsOf.standard, fid: Number.NaN}}];
	t.throws(() => compareVariants(variants, {baseline: 'standard'}), {
		instanceOf: RangeError, message: 'Table "Attack on the variants", row 1, column "FID": expected a finite number, got NaN',
	});
});

test('a smoothing factor that is not a number is refused', t => {
	t.throws(() => compareVariants([{name: 'a', alpha: Number.NaN, metrics: metricsOf.standard}], {baseline: 'a'}), {
		instanceOf: RangeError, message: 'Variant "a": expected a finite smoothing factor, got NaN',
	});
});
