import {copy, increase, indices, op, valueType, whileAtLeast, type Code, type WasmFunction} from './assembler.ts';

/** Indices of the parameters and locals. */
const local = indices(['from', 'to', 'rows', 'columns', 'fromStride', 'toStride', 'left', 'source', 'target']);
const pointers = 4;
const sourceRow = (row: number) => local.target + 1 + row;
const loaded = (row: number) => sourceRow(pointers) + row;
const paired = (pair: number) => loaded(pointers) + pair;

const four = (code: (index: number) => Code): Code => [0, 1, 2, 3].flatMap(index => code(index));
const shuffled = (first: number, second: number, ...lanes: readonly number[]): Code => [...op.get(first), ...op.get(second), ...op.f32x4.shuffle(...lanes)];

/** Addresses of the four rows that are read. */
const sourceRows = four(row => (row === 0 ? copy(local.source, sourceRow(0)) : [...op.get(sourceRow(row - 1)), ...op.get(local.fromStride), ...op.add, ...op.set(sourceRow(row))]));

/** Four rows of four numbers become four columns; the rows are paired first, so that each shuffle sees two vectors. */
const square: Code = [
	...sourceRows,
	...four(row => [...op.get(sourceRow(row)), ...op.f32x4.load(), ...op.set(loaded(row))]),
	...four(pair => [...shuffled(loaded(pair < 2 ? 0 : 2), loaded(pair < 2 ? 1 : 3), ...(pair % 2 === 0 ? [0, 4, 1, 5] : [2, 6, 3, 7])), ...op.set(paired(pair))]),
	...four(column => [
		...op.get(local.target),
		...shuffled(paired(column < 2 ? 0 : 1), paired(column < 2 ? 2 : 3), ...(column % 2 === 0 ? [0, 1, 4, 5] : [2, 3, 6, 7])),
		...op.f32x4.store(),
		...increase(local.target, op.get(local.toStride)),
	]),
	...increase(local.source, op.constant(16)),
];

/** One number of each of `rows` rows. */
const single = (rows: number): Code => [
	...sourceRows,
	...Array.from({length: rows}, (_, row) => [...op.get(local.target), ...op.get(sourceRow(row)), ...op.f32.load(), ...op.f32.store(4 * row)]).flat(),
	...increase(local.target, op.get(local.toStride)),
	...increase(local.source, op.constant(4)),
];

const stripe = (rows: number, columns: Code): Code => whileAtLeast(local.rows, rows, [
	...copy(local.from, local.source),
	...copy(local.to, local.target),
	...copy(local.columns, local.left),
	...columns,
	...increase(local.from, [...op.get(local.fromStride), ...op.constant(rows), ...op.multiply]),
	...increase(local.to, op.constant(4 * rows)),
]);

/** The function behind `transpose`; its parameters are addresses, counts and strides in bytes, in the order of `local`. */
export const transposition: WasmFunction = {
	name: 'transpose',
	parameters: Array.from({length: local.left}, () => valueType.i32),
	locals: [...Array.from({length: 3 + pointers}, () => valueType.i32), ...Array.from({length: 2 * pointers}, () => valueType.v128)],
	body: [
		...stripe(4, [...whileAtLeast(local.left, 4, square), ...whileAtLeast(local.left, 1, single(4))]),
		...stripe(1, whileAtLeast(local.left, 1, single(1))),
	],
};
