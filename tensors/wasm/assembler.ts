/** A piece of WebAssembly code or a section of a module, as bytes (WebAssembly Core Specification 2.0, chapter 5). */
export type Code = readonly number[];

/** Types of parameters and locals. */
export const valueType = {i32: 0x7F, f32: 0x7D, v128: 0x7B} as const;

/** An unsigned number in LEB128. */
export function unsigned(value: number): number[] {
	return value < 128 ? [value] : [(value % 128) + 128, ...unsigned(Math.floor(value / 128))];
}

/** A signed number in LEB128. */
function signed(value: number): number[] {
	return value >= -64 && value < 64 ? [(value + 128) % 128] : [(((value % 128) + 128) % 128) + 128, ...signed(Math.floor(value / 128))];
}

const simd = (opcode: number) => [0xFD, ...unsigned(opcode)];

/** Instructions; memory accesses take a constant offset in bytes and assume 4-byte alignment. */
export const op = {
	get: (local: number): Code => [0x20, ...unsigned(local)],
	set: (local: number): Code => [0x21, ...unsigned(local)],
	constant: (value: number): Code => [0x41, ...signed(value)],
	add: [0x6A] as Code,
	subtract: [0x6B] as Code,
	multiply: [0x6C] as Code,
	lessThan: [0x48] as Code,
	f32: {
		load: (offset = 0): Code => [0x2A, 2, ...unsigned(offset)],
		store: (offset = 0): Code => [0x38, 2, ...unsigned(offset)],
		add: [0x92] as Code,
		subtract: [0x93] as Code,
		multiply: [0x94] as Code,
		divide: [0x95] as Code,
		squareRoot: [0x91] as Code,
		/** A number is its own splat, so that code for vectors can be reused for single numbers. */
		splat: [] as Code,
	},
	f32x4: {
		load: (offset = 0): Code => [...simd(0x00), 2, ...unsigned(offset)],
		store: (offset = 0): Code => [...simd(0x0B), 2, ...unsigned(offset)],
		loadSplat: [...simd(0x09), 2, 0] as Code,
		/** One to four numbers into the first lanes, zeros into the others; the address is that of code, because three numbers take two accesses. */
		loadFirst(count: number, address: Code, offset = 0): Code {
			const load = [...simd([0x5C, 0x5D, 0x5D, 0x00][count - 1]!), 2, ...unsigned(offset)];
			return count === 3 ? [...address, ...address, ...load, ...simd(0x56), 2, ...unsigned(offset + 8), 2] : [...address, ...load];
		},
		/** Stores the first one to four lanes of a local. */
		storeFirst(count: number, address: Code, local: number, offset = 0): Code {
			const start = [...address, 0x20, ...unsigned(local)];
			if (count === 4) {
				return [...start, ...simd(0x0B), 2, ...unsigned(offset)];
			}

			const last = [...start, ...simd(0x5A), 2, ...unsigned(offset + 8), 2];
			return [...start, ...simd(count === 1 ? 0x5A : 0x5B), 2, ...unsigned(offset), 0, ...(count === 3 ? last : [])];
		},
		/** The numbered lanes of two vectors, those of the second from 4 on. */
		shuffle: (...numbers: readonly number[]): Code => [...simd(0x0D), ...numbers.flatMap(number => [0, 1, 2, 3].map(byte => (4 * number) + byte))],
		add: simd(0xE4) as Code,
		subtract: simd(0xE5) as Code,
		multiply: simd(0xE6) as Code,
		divide: simd(0xE7) as Code,
		squareRoot: simd(0xE3) as Code,
		splat: simd(0x13) as Code,
	},
};

/** Instructions for whole numbers. */
export const integer = {
	load: (offset = 0): Code => [0x28, 2, ...unsigned(offset)],
	/** Of four bytes, or of any other 16 bytes; neither need be aligned. */
	bytes: {
		loadFour: [...simd(0x5C), 0, 0] as Code,
		/** Stores the first four of a vector. */
		storeFour: [...simd(0x5A), 0, 0, 0] as Code,
		load: [...simd(0x00), 0, 0] as Code,
		store: [...simd(0x0B), 0, 0] as Code,
		/** The first or last eight bytes as unsigned numbers of 16 bits. */
		extendLow: simd(0x89) as Code,
		extendHigh: simd(0x8A) as Code,
		/** Two vectors of signed numbers of 16 bits as one of bytes; what is beyond 0 to 255 becomes that. */
		narrow: simd(0x66) as Code,
	},
	i32x4: {
		splat: simd(0x11) as Code,
		add: simd(0xAE) as Code,
		multiply: simd(0xB5) as Code,
		/** By as many bits as the i32 on the stack says. */
		shiftRight: simd(0xAD) as Code,
		/** The first or last four numbers of 16 bits, unsigned. */
		extendLow: simd(0xA9) as Code,
		extendHigh: simd(0xAA) as Code,
		/** Two vectors as one of signed numbers of 16 bits. */
		narrow: simd(0x85) as Code,
	},
};

/** Vector instructions and the same for single numbers, with how many numbers they take, and in how many bytes. */
export const lanes = [
	{...op.f32x4, bytes: 16, count: 4},
	{...op.f32, bytes: 4, count: 1},
] as const;

/** Names for consecutive indices of locals, in the order given. */
export function indices<Name extends string>(names: readonly Name[]): Record<Name, number> {
	return Object.fromEntries(names.map((name, index) => [name, index])) as Record<Name, number>;
}

/** Local `to` ← local `from`. */
export function copy(from: number, to: number): Code {
	return [...op.get(from), ...op.set(to)];
}

/** Local ← local + by, where `by` leaves one i32 on the stack. */
export function increase(local: number, by: Code): Code {
	return [...op.get(local), ...by, ...op.add, ...op.set(local)];
}

/** Repeats the body while the local is at least `step`, and subtracts `step` after each round. */
export function whileAtLeast(local: number, step: number, body: Code): Code {
	const leave = [0x0D, 1];
	const again = [0x0C, 0];
	const subtract = increase(local, op.constant(-step));
	return [0x02, 0x40, 0x03, 0x40, ...op.get(local), ...op.constant(step), ...op.lessThan, ...leave, ...body, ...subtract, ...again, 0x0B, 0x0B];
}

/** Repeats the body until the local, which is decreased by 1 after each round and must start above 0, is 0. */
export function untilZero(local: number, body: Code): Code {
	const againUnlessZero = [0x0D, 0];
	return [0x03, 0x40, ...body, ...increase(local, op.constant(-1)), ...op.get(local), ...againUnlessZero, 0x0B];
}

/** A function without result. */
export type WasmFunction = {
	readonly name: string;
	readonly parameters: readonly number[];
	/** Types of the locals; their indices follow those of the parameters. */
	readonly locals: readonly number[];
	readonly body: Code;
};

/** The part of the WebAssembly API that is used here; Node's types leave it out. */
type WebAssemblyApi = {
	readonly Module: new (bytes: Uint8Array) => object;
	readonly Instance: new (code: object, imports: {env: {memory: object}}) => {exports: Readonly<Record<string, (...parameters: number[]) => void>>};
};

/** Compiles functions to work in a memory. @returns them by their names, which the caller says */
export function instantiate<Name extends string>(functions: readonly WasmFunction[], memory: object): Readonly<Record<Name, (...parameters: number[]) => void>> {
	const {WebAssembly: api} = globalThis as unknown as {WebAssembly: WebAssemblyApi};
	return new api.Instance(new api.Module(assemble(functions)), {env: {memory}}).exports;
}

/** The binary of a module that exports the functions and imports its memory as `env.memory`. */
function assemble(functions: readonly WasmFunction[]): Uint8Array<ArrayBuffer> {
	const vector = (items: readonly Code[]) => [...unsigned(items.length), ...items.flat()];
	const section = (id: number, content: Code) => [id, ...unsigned(content.length), ...content];
	const text = (value: string) => vector([...new TextEncoder().encode(value)].map(byte => [byte]));
	const types = functions.map(({parameters}) => [0x60, ...vector(parameters.map(type => [type])), 0]);
	const exported = functions.map(({name}, index) => [...text(name), 0, ...unsigned(index)]);
	const codes = functions.map(({locals, body}) => {
		const code = [...vector(locals.map(type => [1, type])), ...body, 0x0B];
		return [...unsigned(code.length), ...code];
	});
	return Uint8Array.from([
		0x00,
		0x61,
		0x73,
		0x6D,
		1,
		0,
		0,
		0,
		...section(1, vector(types)),
		...section(2, vector([[...text('env'), ...text('memory'), 2, 0, 0]])),
		...section(3, vector(functions.map((_, index) => unsigned(index)))),
		...section(7, vector(exported)),
		...section(10, vector(codes)),
	]);
}
