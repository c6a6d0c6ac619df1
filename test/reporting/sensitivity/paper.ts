import test from 'ava';
import {attackColumns} from '../../../reporting/metric-columns.ts';
import {paperAdvantage, paperRows, paperSweepTable} from '../../../reporting/sensitivity/paper.ts';

const accuracy = attackColumns.find(({metric}) => metric === 'attackAccuracyTop1')!;
const distance = attackColumns.find(({metric}) => metric === 'faceDistance')!;

/** What a share is compared to. */
const digits = 6;

test('the paper\'s advantages follow from its tables', t => {
	const rows = paperRows(['target.alpha']);
	const row = rows.find(({dataset, alpha}) => dataset === 'FaceScrub' && alpha === -0.05)!;
	// Table 2, FaceScrub, ResNet-152: (14.34 − 94.32) / 94.32, and for the distance (0.706 − 1.232) / 0.706.
	t.is(paperAdvantage(row, accuracy, {rows})!.toFixed(digits), (-79.98 / 94.32).toFixed(digits));
	t.is(paperAdvantage(row, distance, {rows})!.toFixed(digits), (-0.526 / 0.706).toFixed(digits));
	t.is(paperAdvantage(row, accuracy, {rows, kind: 'absolute'})!.toFixed(digits), (-0.7998).toFixed(digits));
});

test('with samples per class, the baseline has as many samples', t => {
	const rows = paperRows(['target.alpha', 'subsample.perClass']);
	const row = rows.find(({dataset, alpha, samples}) => dataset === 'CelebA' && alpha === 0.1 && samples === 10)!;
	// Table 4, CelebA: (60.40 − 36.34) / 36.34.
	t.is(paperAdvantage(row, accuracy, {rows})!.toFixed(digits), (24.06 / 36.34).toFixed(digits));
	t.is(paperAdvantage(row, accuracy, {rows: rows.filter(({samples}) => samples !== 20)})!.toFixed(digits), (24.06 / 36.34).toFixed(digits));
	t.is(paperAdvantage(row, accuracy, {rows: []}), undefined);
});

test('the advantages of defences are over none of the same data set', t => {
	const rows = paperRows(['target.defense']);
	const row = rows.find(({dataset, defense}) => dataset === 'CelebA' && defense?.kind === 'bido')!;
	// Table 3, CelebA, BiDO with (0.05, 0.5): (63.68 − 81.75) / 81.75.
	t.is(paperAdvantage(row, accuracy, {rows})!.toFixed(digits), (-18.07 / 81.75).toFixed(digits));
});

test('the paper\'s tables are complete, with a dash for what it does not state', t => {
	const smoothing = paperSweepTable(['target.alpha'])!;
	t.deepEqual(smoothing.rows.map(row => row.slice(0, 2)), [
		...[-0.05, -0.01, -0.005, 0, 0.1, 0.2, 0.3].map(alpha => ['FaceScrub', alpha]), ...[-0.05, 0, 0.1].map(alpha => ['CelebA', alpha]),
	]);
	const samples = paperSweepTable(['subsample.perClass'])!;
	t.is(samples.rows.length, 24);
	t.deepEqual(samples.rows[0]!.slice(0, 6), ['FaceScrub', 10, -0.05, 0.613, '–', 0.3291]);
	const defenses = paperSweepTable(['target.defense'])!;
	t.is(defenses.title, 'The paper’s Table 3 (ResNet-152)');
	t.is(defenses.rows.length, 14);
	t.deepEqual(defenses.rows[7]!.slice(0, 6), ['FaceScrub', 'BiDO λx = 0.05 λy = 2.5', 0.8714, 0.1506, 0.4542, 0.736]);
	t.is(paperSweepTable(['optimization.steps']), undefined);
});
