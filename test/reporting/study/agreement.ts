import test from 'ava';
import type {AttackMetrics} from '../../../artifacts/records.ts';
import {analyseSweep, type MeasuredPoint} from '../../../reporting/sensitivity/analysis.ts';
import {agreementTable} from '../../../reporting/study/agreement.ts';

/** All metrics of the attack better by a factor for the attacker, or worse below 1. */
const metrics = (factor: number) => ({
	testAccuracy: 0.9, ece: 0.1, attackAccuracyTop1: 0.5 * factor, attackAccuracyTop5: 0.6 * factor, faceDistance: 1 / factor, evaluationDistance: 10 / factor, fid: 20 / factor,
	knowledgeExtractionTrain: 0.4 * factor, knowledgeExtractionTest: 0.3 * factor,
}) as unknown as AttackMetrics;

const point = (values: readonly unknown[], alpha: number, factor: number): MeasuredPoint => ({name: JSON.stringify(values), values, seed: 0, alpha, metrics: metrics(factor)});

test('negative smoothing that weakens the attack by all metrics agrees with the paper, and positive that does does not', t => {
	const table = agreementTable(analyseSweep(['target.alpha'], [point([-0.05], -0.05, 0.5), point([0], 0, 1), point([0.1], 0.1, 0.8), point([0.05], 0.05, 0.8)], []))!;
	t.deepEqual(table.columns.map(({name}) => name), ['α', 'Acc@1', 'Acc@5', 'δ_face', 'δ_eval', 'FID', 'ξ_train', 'ξ_test', 'as in the paper']);
	// Table 2: every row with α < 0 is weaker by every metric. With α = 0.1 Acc@1 rises on both data sets, Acc@5 falls on FaceScrub alone, and FID rises.
	// There is no row with α = 0.05; of those with α > 0, Acc@1 rises in all but FaceScrub 0.2.
	t.deepEqual(table.rows, [
		[-0.05, '▼ yes', '▼ yes', '▼ yes', '▼ yes', '▼ yes', '▼ yes', '▼ yes', '7 of 7'],
		[0.1, '▼ no', '▼ part', '▼ no', '▼ no', '▼ yes', '▼ no', '▼ no', '2 of 7'],
		[0.05, '▼ part', '▼ part', '▼ no', '▼ no', '▼ yes', '▼ no', '▼ no', '3 of 7'],
	]);
});

test('defences are compared with the paper’s rows of the same name', t => {
	const values = [{kind: 'none'}, {kind: 'bido', lambdaX: 1, lambdaY: 1}, {kind: 'label-smoothing', alpha: -0.01}];
	const {rows} = agreementTable(analyseSweep(['target.defense'], [point([values[0]], 0, 1), point([values[1]], 0, 0.5), point([values[2]], -0.01, 1)], []))!;
	// Table 3: all rows of BiDO lower Acc@1; ξ falls in some.
	t.deepEqual(rows.map(row => [row[0], row[1], row[6]]), [
		['BiDO λx = 1 λy = 1', '▼ yes', '▼ part'],
		['label smoothing α = −0.01', '= no', '= no'],
	]);
});

test('what the paper did not vary has no agreement', t => {
	t.is(agreementTable(analyseSweep(['optimization.steps'], [point([10], 0, 1), point([20], 0, 2)], [])), undefined);
});
