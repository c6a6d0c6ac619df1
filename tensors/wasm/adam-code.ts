import {increase, lanes, op, valueType, whileAtLeast, type WasmFunction} from './assembler.ts';

const {i32, v128, f32} = valueType;
const [weights, gradient, first, second, result, size, beta1, rest1, beta2, rest2, rate, root, epsilon] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] as const;
const values = 13;

/** Parameters: five positions in bytes, the size, then β₁, 1 − β₁, β₂, 1 − β₂, rate, root and ε as float32. */
export const adamStep: WasmFunction = {
	name: 'adamStep',
	parameters: [i32, i32, i32, i32, i32, i32, f32, f32, f32, f32, f32, f32, f32],
	locals: [v128, v128, v128, f32, f32, f32],
	body: lanes.flatMap(({load, store, add, subtract, multiply, divide, squareRoot, splat, bytes, count}, kind) => {
		const [slope, mean, square] = [0, 1, 2].map(index => values + (3 * kind) + index) as [number, number, number];
		const number = (parameter: number) => [...op.get(parameter), ...splat];
		return whileAtLeast(size, count, [
			...op.get(gradient),
			...load(),
			...op.set(slope),
			...op.get(first),
			...load(),
			...number(beta1),
			...multiply,
			...op.get(slope),
			...number(rest1),
			...multiply,
			...add,
			...op.set(mean),
			...op.get(second),
			...load(),
			...number(beta2),
			...multiply,
			...op.get(slope),
			...op.get(slope),
			...multiply,
			...number(rest2),
			...multiply,
			...add,
			...op.set(square),
			...op.get(first),
			...op.get(mean),
			...store(),
			...op.get(second),
			...op.get(square),
			...store(),
			...op.get(result),
			...op.get(weights),
			...load(),
			...op.get(mean),
			...number(rate),
			...multiply,
			...op.get(square),
			...squareRoot,
			...number(root),
			...divide,
			...number(epsilon),
			...add,
			...divide,
			...subtract,
			...store(),
			...[weights, gradient, first, second, result].flatMap(pointer => increase(pointer, op.constant(bytes))),
		]);
	}),
};
