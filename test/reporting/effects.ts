import test from 'ava';
import {
	agreementWithPaper, attackEffects, directionOf, effectSummary, effectsByVariant,
} from '../../reporting/effects.ts';
import {metricsOf, threeVariants} from '../helpers/report.ts';

test('every effect is said in one line with the paper’s direction', t => {
	t.deepEqual(effectSummary(attackEffects(threeVariants, {baseline: 'standard'})), [
		'positive (α = 0.1): Acc@1 81.8 → 86.7 %, attack stronger, as in the paper',
		'positive (α = 0.1): Acc@5 97.3 → 97.8 %, attack stronger, as in the paper on CelebA, unlike on FaceScrub',
		'positive (α = 0.1): δ_face 0.443 → 0.413, attack stronger, as in the paper',
		'positive (α = 0.1): δ_eval 5.18 → 4.77, attack stronger, as in the paper',
		'positive (α = 0.1): FID 8.54 → 7.83, attack stronger, unlike in the paper',
		'positive (α = 0.1): ξ_train 55.3 → 56.1 %, attack stronger, as in the paper',
		'positive (α = 0.1): ξ_test 48.3 → 50.6 %, attack stronger, as in the paper',
		'negative (α = −0.05): Acc@1 81.8 → 50.0 %, attack weaker, as in the paper',
		'negative (α = −0.05): Acc@5 97.3 → 80.2 %, attack weaker, as in the paper',
		'negative (α = −0.05): δ_face 0.443 → 0.603, attack weaker, as in the paper',
		'negative (α = −0.05): δ_eval 5.18 → 6.28, attack weaker, as in the paper',
		'negative (α = −0.05): FID 8.54 → 13.46, attack weaker, as in the paper',
		'negative (α = −0.05): ξ_train 55.3 → 37.4 %, attack weaker, as in the paper',
		'negative (α = −0.05): ξ_test 48.3 → 34.9 %, attack weaker, as in the paper',
	]);
});

test('an attack with equal numbers is unchanged', t => {
	const [effect] = attackEffects([
		{name: 'standard', alpha: 0, metrics: metricsOf.standard},
		{name: 'same', alpha: 0.1, metrics: metricsOf.standard},
	], {baseline: 'standard'});
	t.is(effect?.direction, 'unchanged');
	t.is(effectSummary([effect!])[0], 'same (α = 0.1): Acc@1 81.8 → 81.8 %, unchanged, unlike in the paper');
});

test('a distance that shrinks makes the attack stronger', t => {
	t.is(directionOf(2, 1, {strongerAttack: 'lower'}), 'stronger');
	t.is(directionOf(1, 2, {strongerAttack: 'lower'}), 'weaker');
	t.is(directionOf(1, 2, {strongerAttack: 'higher'}), 'stronger');
});

test('a smoothing factor the paper lacks is compared by its sign', t => {
	const effects = attackEffects([threeVariants[0]!, {name: 'a little', alpha: -0.01, metrics: metricsOf.negative}], {baseline: 'standard'});
	t.deepEqual(effects[0]?.paper, [{dataset: 'FaceScrub', direction: 'weaker'}, {dataset: 'CelebA', direction: 'weaker'}]);
});

test('a baseline with smoothing has no counterpart in the paper', t => {
	const effects = attackEffects(threeVariants, {baseline: 'positive'});
	t.deepEqual(new Set(effects.map(effect => agreementWithPaper(effect))), new Set(['unknown']));
	t.is(effectSummary(effects)[0], 'standard (α = 0): Acc@1 86.7 → 81.8 %, attack weaker');
});

test('effects are grouped by variant', t => {
	t.deepEqual(effectsByVariant(attackEffects(threeVariants, {baseline: 'standard'})).map(({variant, effects}) => [variant, effects.length]), [
		['positive', 7], ['negative', 7],
	]);
});

test('a metric that is not a number is refused', t => {
	t.throws(() => attackEffects([threeVariants[0]!, {name: 'bad', alpha: 1, metrics: {...metricsOf.standard, faceDistance: Number.NaN}}], {baseline: 'standard'}), {
		instanceOf: RangeError, message: 'Variant "bad", δ_face: expected a finite number, got NaN',
	});
});
