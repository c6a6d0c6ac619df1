import {increase, op, untilZero, valueType, whileAtLeast, type Code, type WasmFunction} from './assembler.ts';

const parameterNames = ['a', 'b', 'c', 'rows', 'columns', 'rowA', 'rowC', 'size0', 'size1', 'size2', 'a0', 'a1', 'a2', 'b0', 'b1', 'b2'] as const;
const pointerNames = ['bColumn', 'cColumn', 'left', 'count0', 'count1', 'count2', 'aOuter', 'aMiddle', 'bOuter', 'bMiddle', 'bInner'] as const;
/** The largest block of sums: 4 × 12 of them, their factors and one splat fill the 16 vector registers of common processors. */
const maxRows = 4;
const maxVectors = 3;

/** Indices of the function's locals. */
const local = Object.fromEntries([...parameterNames, ...pointerNames].map((name, index) => [name, index])) as Record<typeof parameterNames[number] | typeof pointerNames[number], number>;
const firstPointer = parameterNames.length + pointerNames.length;
const aRow = (row: number) => firstPointer + row;
const cRow = (row: number) => aRow(maxRows) + row;
const sum = (row: number, vector: number) => cRow(maxRows) + (row * maxVectors) + vector;
const factor = (vector: number) => sum(maxRows, 0) + vector;
const splat = factor(maxVectors);
const scalarSum = (row: number) => splat + 1 + row;
const scalarFactor = scalarSum(maxRows);

/** Code for a block of `rows` × 4·`vectors` sums, kept in registers while k runs; `vectors` 0 means a single column. */
function block(rows: number, vectors: number): Code {
	const eachRow = (code: (row: number) => Code) => Array.from({length: rows}, (_, row) => code(row)).flat();
	const eachVector = (code: (vector: number) => Code) => Array.from({length: vectors}, (_, vector) => code(vector)).flat();
	const rowPointers = (pointer: (row: number) => number, start: number, stride: number) => eachRow(row => (row === 0
		? [...op.get(start), ...op.set(pointer(0))]
		: [...op.get(pointer(row - 1)), ...op.get(stride), ...op.add, ...op.set(pointer(row))]));
	const load = eachRow(row => (vectors === 0
		? [...op.get(cRow(row)), ...op.f32.load(), ...op.set(scalarSum(row))]
		: eachVector(vector => [...op.get(cRow(row)), ...op.f32x4.load(16 * vector), ...op.set(sum(row, vector))])));
	const store = eachRow(row => (vectors === 0
		? [...op.get(cRow(row)), ...op.get(scalarSum(row)), ...op.f32.store()]
		: eachVector(vector => [...op.get(cRow(row)), ...op.get(sum(row, vector)), ...op.f32x4.store(16 * vector)])));
	const multiplyAdd = vectors === 0
		? [
			...op.get(local.bInner),
			...op.f32.load(),
			...op.set(scalarFactor),
			...eachRow(row => [...op.get(scalarSum(row)), ...op.get(aRow(row)), ...op.f32.load(), ...op.get(scalarFactor), ...op.f32.multiply, ...op.f32.add, ...op.set(scalarSum(row))]),
		]
		: [
			...eachVector(vector => [...op.get(local.bInner), ...op.f32x4.load(16 * vector), ...op.set(factor(vector))]),
			...eachRow(row => [
				...op.get(aRow(row)),
				...op.f32x4.loadSplat,
				...op.set(splat),
				...eachVector(vector => [...op.get(sum(row, vector)), ...op.get(splat), ...op.get(factor(vector)), ...op.f32x4.multiply, ...op.f32x4.add, ...op.set(sum(row, vector))]),
			]),
		];
	const copy = (from: number, to: number) => [...op.get(from), ...op.set(to)];
	return [
		...rowPointers(cRow, local.cColumn, local.rowC),
		...load,
		...copy(local.a, local.aOuter),
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

/** All columns of `rows` rows: in twelves, eights, fours, then one by one. */
function stripe(rows: number): Code {
	const columns = (vectors: number, width: number) => whileAtLeast(local.left, width, [
		...block(rows, vectors),
		...increase(local.bColumn, op.constant(4 * width)),
		...increase(local.cColumn, op.constant(4 * width)),
	]);
	return whileAtLeast(local.rows, rows, [
		...op.get(local.b),
		...op.set(local.bColumn),
		...op.get(local.c),
		...op.set(local.cColumn),
		...op.get(local.columns),
		...op.set(local.left),
		...columns(2, 8),
		...columns(1, 4),
		...columns(0, 1),
		...increase(local.a, [...op.get(local.rowA), ...op.constant(rows), ...op.multiply]),
		...increase(local.c, [...op.get(local.rowC), ...op.constant(rows), ...op.multiply]),
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
		...repeat(valueType.f32, maxRows + 1),
	],
	body: [...stripe(maxRows), ...stripe(1)],
};
