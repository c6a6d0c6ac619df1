import test from 'ava';
import type {ColumnFormat} from '../../artifacts/table.ts';
import {formatCell, headerOf, signedText} from '../../reporting/cell.ts';

const cases: ReadonlyArray<readonly [value: string | number, format: ColumnFormat, shown: string]> = [
	[0.8667, 'percent', '86.7'],
	// Table 1 of the paper rounds 92.85 and 16.45 up; their binary doubles lie below.
	[0.9285, 'percent', '92.9'],
	[0.1645, 'percent', '16.5'],
	[1, 'percent', '100.0'],
	[1e-9, 'percent', '0.0'],
	[-0.0004, 'fixed3', '0.000'],
	[-0.0005, 'fixed3', '−0.001'],
	[1.005, 'fixed2', '1.01'],
	[239.02, 'fixed2', '239.02'],
	[1e21, 'fixed2', '1e+21'],
	[-0.005, 'number', '−0.005'],
	[-0, 'number', '0'],
	['–', 'percent', '–'],
	['a-b', 'text', 'a-b'],
];

for (const [value, format, shown] of cases) {
	test(`${value} as ${format} is shown as ${shown}`, t => {
		t.is(formatCell(value, {format}), shown);
	});
}

test('a column of percentages says so in its header', t => {
	t.is(headerOf({name: 'Acc@1', format: 'percent'}), 'Acc@1 %');
	t.is(headerOf({name: 'ECE', format: 'fixed3'}), 'ECE');
});

test('signed text uses the minus sign', t => {
	t.is(signedText(-0.05), '−0.05');
});
