import {Buffer} from 'node:buffer';
import test from 'ava';
import {table, type Table} from '../../artifacts/table.ts';
import {tableText} from '../../reporting/table-text.ts';

const example: Table = {
	title: 'Example',
	columns: [{name: 'variant', format: 'text'}, {name: 'Acc@1', format: 'percent', strongerAttack: 'higher'}],
	rows: [['standard', 0.818]],
	notes: ['A note.'],
};

test('a table survives encoding', t => {
	t.deepEqual(table.decode(Buffer.concat([...table.encode(example)])), example);
});

test('a table previews as text', t => {
	t.is(table.preview?.(example), tableText(example));
});
