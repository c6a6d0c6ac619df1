import {copy, increase, indices, op, untilZero, valueType, whileAtLeast, type Code, type WasmFunction} from './assembler.ts';

const parameterNames = ['a', 'b', 'c', 'rows', 'columns', 'rowA', 'rowC', 'size0', 'size1', 'size2', 'a0', 'a1', 'a2', 'b0', 'b1', 'b2', 'repeats', 'repeatA', 'repeatC'] as const;
const pointerNames = ['aStripe', 'cStripe', 'rowsLeft', 'bColumn', 'cColumn', 'left', 'count0', 'count1', 'count2', 'aOuter', 'aMiddle', 'bOuter', 'bMiddle', 'bInner'] as const;
/** The largest block of sums: 4 × 8 of them, their factors and the splats of a row's numbers fit the 16 vector registers of common processors. */
const maxRows = 4;
const maxVectors = 2;

/** Indices of the function's locals. */
const local = indices([...parameterNames, ...pointerNames]);
const firstPointer = parameterNames.length + pointerNames.length;
const aRow = (row: number) => firstPointer + row;
const cRow = (row: number) => aRow(maxRows) + row;
const sum = (row: number, vector: number) => cRow(maxRows) + (row * maxVectors) + vector;
const factor = (vector: number) => sum(maxRows, 0) + vector;
const splat = factor(maxVectors);

/** Code for a block of sums, kept in registers while k runs: `rows` by vectors of the given widths, of which the last may be narrower than four. */
function block(rows: number, widths: readonly number[]): Code {
	const eachRow = (code: (row: number) => Code) => Array.from({length: rows}, (_, row) => code(row)).flat();
	const eachVector = (code: (vector: number, width: number) => Code) => widths.flatMap((width, vector) => code(vector, width));
	const rowPointers = (pointer: (row: number) => number, start: number, stride: number) => eachRow(row => (row === 0
		? [...op.get(start), ...op.set(pointer(0))]
		: [...op.get(pointer(row - 1)), ...op.get(stride), ...op.add, ...op.set(pointer(row))]));
	const load = eachRow(row => eachVector((vector, width) => [...op.f32x4.loadFirst(width, op.get(cRow(row)), 16 * vector), ...op.set(sum(row, vector))]));
	const store = eachRow(row => eachVector((vector, width) => op.f32x4.storeFirst(width, op.get(cRow(row)), sum(row, vector), 16 * vector)));
	const multiplyAdd = [
		...eachVector((vector, width) => [...op.f32x4.loadFirst(width, op.get(local.bInner), 16 * vector), ...op.set(factor(vector))]),
		...eachRow(row => [
			...op.get(aRow(row)),
			...op.f32x4.loadSplat,
			...op.set(splat),
			...eachVector(vector => [...op.get(sum(row, vector)), ...op.get(splat), ...op.get(factor(vector)), ...op.f32x4.multiply, ...op.f32x4.add, ...op.set(sum(row, vector))]),
		]),
	];
	return [
		...rowPointers(cRow, local.cColumn, local.rowC),
		...load,
		...copy(local.aStripe, local.aOuter),
		...copy(local.bColumn, local.bOuter),
		...copy(local.size0, local.count0),
		...untilZero(local.count0, [
			...copy(local.aOuter, local.aMiddle),
			...copy(local.bOuter, local.bMiddle),
			...copy(local.size1, local.count1),
			...untilZero(local.count1, [
				...rowPointers(aRow, local.aMiddle, local.rowA),
				...copy(local.bMiddle, local.bInner),
				...copy(local.size2, local.count2),
				...untilZero(local.count2, [
					...multiplyAdd,
					...eachRow(row => increase(aRow(row), op.get(local.a2))),
					...increase(local.bInner, op.get(local.b2)),
				]),
				...increase(local.aMiddle, op.get(local.a1)),
				...increase(local.bMiddle, op.get(local.b1)),
			]),
			...increase(local.aOuter, op.get(local.a0)),
			...increase(local.bOuter, op.get(local.b0)),
		]),
		...store,
	];
}

/** All columns of `rows` rows: in eights, fours, and what is left at once. */
function stripe(rows: number): Code {
	const columns = (...widths: number[]) => {
		const width = widths.reduce((all, one) => all + one);
		return whileAtLeast(local.left, width, [
			...block(rows, widths),
			...increase(local.bColumn, op.constant(4 * width)),
			...increase(local.cColumn, op.constant(4 * width)),
		]);
	};

	return whileAtLeast(local.rowsLeft, rows, [
		...copy(local.b, local.bColumn),
		...copy(local.cStripe, local.cColumn),
		...copy(local.columns, local.left),
		...columns(4, 4),
		...columns(4),
		...columns(3),
		...columns(2),
		...columns(1),
		...increase(local.aStripe, [...op.get(local.rowA), ...op.constant(rows), ...op.multiply]),
		...increase(local.cStripe, [...op.get(local.rowC), ...op.constant(rows), ...op.multiply]),
	]);
}

const repeat = (type: number, count: number) => Array.from({length: count}, () => type);

/** The function behind `contract`; its parameters are those of a contraction in the order of `parameterNames`, in bytes. */
export const contraction: WasmFunction = {
	name: 'contract',
	parameters: repeat(valueType.i32, parameterNames.length),
	locals: [
		...repeat(valueType.i32, pointerNames.length + (2 * maxRows)),
		...repeat(valueType.v128, (maxRows * maxVectors) + maxVectors + 1),
	],
	body: whileAtLeast(local.repeats, 1, [
		...copy(local.a, local.aStripe),
		...copy(local.c, local.cStripe),
		...copy(local.rows, local.rowsLeft),
		...stripe(maxRows),
		...stripe(1),
		...increase(local.a, op.get(local.repeatA)),
		...increase(local.c, op.get(local.repeatC)),
	]),
};
