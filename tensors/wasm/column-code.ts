import {copy, increase, indices, lanes, op, valueType, whileAtLeast, type Code, type WasmFunction} from './assembler.ts';

const {i32, v128, f32} = valueType;

/** Four columns at a time, all rows; then the rest one by one. */
function columnSumsBody(): Code {
	const at = indices(['x', 'xOrigin', 'y', 'yOrigin', 'rows', 'columns', 'sums', 'products', 'stride', 'left', 'xRow', 'yRow']);
	const firstValue = Object.keys(at).length;
	return [
		...op.get(at.columns),
		...op.constant(4),
		...op.multiply,
		...op.set(at.stride),
		...lanes.flatMap(({load, store, add, subtract, multiply, splat, bytes, count}, kind) => {
			const [sum, product, value, xStart, yStart] = [0, 1, 2, 3, 4].map(index => firstValue + (5 * kind) + index) as [number, number, number, number, number];
			const zero = [0x43, 0, 0, 0, 0, ...splat];
			return whileAtLeast(at.columns, count, [
				...zero,
				...op.set(sum),
				...zero,
				...op.set(product),
				...op.get(at.xOrigin),
				...load(),
				...op.set(xStart),
				...op.get(at.yOrigin),
				...load(),
				...op.set(yStart),
				...copy(at.x, at.xRow),
				...copy(at.y, at.yRow),
				...copy(at.rows, at.left),
				...whileAtLeast(at.left, 1, [
					...op.get(at.xRow),
					...load(),
					...op.get(xStart),
					...subtract,
					...op.set(value),
					...op.get(sum),
					...op.get(value),
					...add,
					...op.set(sum),
					...op.get(product),
					...op.get(value),
					...op.get(at.yRow),
					...load(),
					...op.get(yStart),
					...subtract,
					...multiply,
					...add,
					...op.set(product),
					...increase(at.xRow, op.get(at.stride)),
					...increase(at.yRow, op.get(at.stride)),
				]),
				...op.get(at.sums),
				...op.get(sum),
				...store(),
				...op.get(at.products),
				...op.get(product),
				...store(),
				...[at.x, at.xOrigin, at.y, at.yOrigin, at.sums, at.products].flatMap(pointer => increase(pointer, op.constant(bytes))),
			]);
		}),
	];
}

/** Parameters in the order of `ColumnSums`, positions in bytes. */
export const columnSums: WasmFunction = {
	name: 'columnSums',
	parameters: Array.from({length: 8}, () => i32),
	locals: [i32, i32, i32, i32, ...Array.from({length: 5}, () => v128), ...Array.from({length: 5}, () => f32)],
	body: columnSumsBody(),
};

/** Row by row, because that is how the numbers lie in memory. */
function affineSumBody(): Code {
	const at = indices(['x', 'y', 'xFactor', 'yFactor', 'offset', 'rows', 'columns', 'result', 'left', 'column']);
	const coefficient = (pointer: number) => [...op.get(pointer), ...op.get(at.column), ...op.add];
	return whileAtLeast(at.rows, 1, [
		...copy(at.columns, at.left),
		...op.constant(0),
		...op.set(at.column),
		...lanes.flatMap(({load, store, add, multiply, bytes, count}) => whileAtLeast(at.left, count, [
			...op.get(at.result),
			...op.get(at.x),
			...load(),
			...coefficient(at.xFactor),
			...load(),
			...multiply,
			...op.get(at.y),
			...load(),
			...coefficient(at.yFactor),
			...load(),
			...multiply,
			...add,
			...coefficient(at.offset),
			...load(),
			...add,
			...store(),
			...[at.x, at.y, at.result, at.column].flatMap(pointer => increase(pointer, op.constant(bytes))),
		])),
	]);
}

/** Parameters in the order of `AffineSum`, positions in bytes. */
export const affineSum: WasmFunction = {
	name: 'affineSum',
	parameters: Array.from({length: 8}, () => i32),
	locals: [i32, i32],
	body: affineSumBody(),
};
