import test from 'ava';
import {effectTable, type NamedEffects} from '../../../bench/seeds/effects.ts';
import {directionOf, type Direction} from '../../../reporting/effects.ts';
import {attackColumns} from '../../../reporting/metric-columns.ts';

/** Every metric moves by the same amount; what the paper says of each. */
const change = (by: number, paper: readonly Direction[]): NamedEffects => ({
	name: 'α = 0.1',
	effects: attackColumns.map(column => ({column, from: 0.5, to: 0.5 + by, direction: directionOf(0.5, 0.5 + by, column), paper: paper.map(direction => ({dataset: 'FaceScrub', direction}))})),
});

test('a change is averaged over seeds with its sign, and counted where it goes as in the paper', t => {
	const {columns, rows} = effectTable('Changes', [[change(0.1, ['stronger', 'stronger'])], [change(0.3, ['stronger', 'stronger'])], [change(-0.1, ['stronger', 'stronger'])]]);
	t.deepEqual(columns.map(({name}) => name), ['change', 'Acc@1', 'Acc@5', 'δ_face', 'δ_eval', 'FID', 'ξ_train', 'ξ_test', 'as in the paper in every seed']);
	// A larger distance is a weaker attack, so it agrees in the one seed in which accuracies do not.
	t.deepEqual(rows, [['α = 0.1', '+10.0±20.0 (2/3)', '+10.0±20.0 (2/3)', '+0.100±0.200 (1/3)', '+0.10±0.20 (1/3)', '+0.10±0.20 (1/3)', '+10.0±20.0 (2/3)', '+10.0±20.0 (2/3)', '0 of 7']]);
});

test('all seeds agree on what every row of the paper says', t => {
	t.deepEqual(effectTable('Changes', [[change(-0.1, ['weaker'])], [change(-0.1, ['weaker'])]]).rows[0]!.filter((_, index) => [1, 3, 8].includes(index)), ['−10.0±0.0 (2/2)', '−0.100±0.000 (0/2)', '4 of 7']);
});

test('there is no count where the paper disagrees with itself or says nothing', t => {
	t.deepEqual(effectTable('Changes', [[change(0.1, ['weaker', 'stronger'])], [change(0.1, ['weaker', 'stronger'])]]).rows[0]!.slice(1, 2), ['+10.0±0.0']);
	t.is(effectTable('Changes', [[change(0.1, [])]]).rows[0]!.at(-1), '–');
});
