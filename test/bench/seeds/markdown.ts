import test from 'ava';
import {tableMarkdown, withSections} from '../../../bench/seeds/markdown.ts';

test('numbers stand to the right of words, with units in the header and notes below', t => {
	t.is(tableMarkdown({
		title: 'not shown', columns: [{name: 'variant', format: 'text'}, {name: 'α', format: 'text'}, {name: 'Acc@1', format: 'percent'}], rows: [['a|b <i>', '0', 0.123]], notes: ['A note.'],
	}), [
		'| variant | α | Acc@1 % |',
		'|---|---|---:|',
		String.raw`| a\|b &lt;i> | 0 | 12.3 |`,
		'',
		'A note.',
	].join('\n'));
});

test('a table of numbers alone has its first column at the left', t => {
	t.is(tableMarkdown({title: '', columns: [{name: 'α', format: 'number'}, {name: 'ECE', format: 'fixed3'}], rows: [[-0.05, 0.1]], notes: []}), '| α | ECE |\n|---|---:|\n| −0.05 | 0.100 |');
});

const document = 'before\n<!-- begin study a -->\n\nold\n\n<!-- end study a -->\nbetween\n<!-- begin study b --><!-- end study b -->\n<!-- begin other a -->kept<!-- end other a -->\n';

test('sections stand between their markers, and nothing else changes', t => {
	const once = withSections(document, 'study', new Map([['a', 'new'], ['b', 'text']]));
	t.is(once, 'before\n<!-- begin study a -->\n\nnew\n\n<!-- end study a -->\nbetween\n<!-- begin study b -->\n\ntext\n\n<!-- end study b -->\n<!-- begin other a -->kept<!-- end other a -->\n');
	t.is(withSections(once, 'study', new Map([['a', 'new'], ['b', 'text']])), once);
});

test('a section without a place and a place without a section are refused', t => {
	t.throws(() => withSections(document, 'study', new Map([['a', ''], ['c', '']])), {instanceOf: RangeError, message: 'Expected a pair of markers for every section, got none for study c and no section for study b'});
	t.throws(() => withSections('<!-- end study a --><!-- begin study a -->', 'study', new Map([['a', '']])), {instanceOf: RangeError, message: 'Expected <!-- end study a --> after <!-- begin study a -->'});
});
