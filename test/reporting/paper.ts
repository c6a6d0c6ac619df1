import test from 'ava';
import {metricColumns} from '../../reporting/metric-columns.ts';
import {
	paperAlpha, paperDatasets, paperTable, paperValue,
} from '../../reporting/paper.ts';
import {tableText} from '../../reporting/table-text.ts';

test('the paper’s table is shown as printed in the paper', t => {
	// Table 2 of Struppek et al. 2024, ResNet-152, rounded halves up.
	t.is(tableText(paperTable()).split('\n').slice(2, 10).join('\n'), `\
data set       α  Test Acc %    ECE  Acc@1 %  Acc@5 %  δ_face  δ_eval    FID  ξ_train %  ξ_test %
─────────────────────────────────────────────────────────────────────────────────────────────────
FaceScrub    0.1        97.4  0.194     95.2     98.5   0.634  107.36  43.33       71.0      68.8
FaceScrub      0        94.9  0.062     94.3     99.4   0.706  124.30  40.88       61.2      58.7
FaceScrub  −0.05        91.5  0.147     14.3     30.9   1.232  239.02  59.38       16.5      15.7
CelebA       0.1        95.1  0.178     92.9     96.5   0.607  275.30  38.73       66.1      59.7
CelebA         0        87.1  0.535     81.8     95.0   0.741  318.09  36.12       59.8      50.6
CelebA     −0.05        83.6  0.853     26.4     50.0   1.042  441.67  61.30        7.1       5.9`);
});

test('percentages of the paper become the fractions that were meant', t => {
	const top1 = metricColumns.find(({name}) => name === 'Acc@1')!;
	t.deepEqual(paperDatasets.map(dataset => paperValue(dataset, -0.05, top1)), [0.1434, 0.2641]);
});

test('a factor that the paper does not have is undefined', t => {
	t.is(paperValue('FaceScrub', 0.07, metricColumns[0]!), undefined);
});

test('the sign of a factor decides what it is compared with', t => {
	t.deepEqual([0.3, 0, -0.005].map(alpha => paperAlpha(alpha)), [0.1, 0, -0.05]);
});
