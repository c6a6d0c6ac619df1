import {UserError} from '../engine/error.ts';
import {damaged} from './byte-source.ts';
import type {Cursor} from './cursor.ts';
import {callGlobal, isAllowed} from './pickle-globals.ts';
import {isDict, isGlobal, isTuple, type PythonDict, type PythonList, type PythonValue} from './python-values.ts';

/** What makes a storage of the tuple that a pickle names it by. */
export type StorageOf = (id: PythonValue) => PythonValue;

/** More than the state of any training has; what claims more is refused before it fills the memory. */
const mostOperations = 4_000_000;
const mostBytes = 1 << 26;

/** Where a group of arguments begins on the stack. */
const mark = Symbol('mark');

type Machine = {
	readonly cursor: Cursor;
	readonly storageOf: StorageOf;
	readonly stack: Array<PythonValue | typeof mark>;
	readonly memo: Map<number, PythonValue>;
};

/**
 * Reads one pickle as data. Python runs pickles: they name functions and call them. Here only the functions of the allow-list count, each of which has
 * a meaning of its own in this program; nothing of the file runs, and anything else is refused. Of the format, it knows what `torch.save` writes by
 * protocols 2 to 5.
 *
 * @throws {UserError} `weights-pickle` when it is not that of a state dict, `weights-damaged` when it is cut off or not a pickle at all
 */
export function readPickle(cursor: Cursor, storageOf: StorageOf): PythonValue {
	const machine: Machine = {cursor, storageOf, stack: [], memo: new Map()};
	const limit = cursor.position + mostBytes;
	for (let count = 0; count < mostOperations && cursor.position < limit; count++) {
		const {position} = cursor;
		const code = cursor.byte();
		if (code === stop) {
			return pop(machine);
		}

		const operation = operations[code];
		if (!operation) {
			throw damaged(cursor.source, `byte ${position} is 0x${code.toString(16).padStart(2, '0')}, which state dicts do not use in a pickle`);
		}

		operation(machine);
	}

	throw new UserError('weights-pickle', 'The pickle goes on and on', {
		facts: {file: cursor.source.file, 'most operations': mostOperations, 'most bytes': mostBytes},
		hint: 'A state dict needs a few for each tensor. Save the state dict alone: torch.save(model.state_dict(), "weights.pt").',
	});
}

const stop = 0x2E;

/** By opcode, in the order of Python's `pickletools`. */
const operations: Readonly<Record<number, (machine: Machine) => void>> = {
	// Integers: BININT, BININT1, BININT2, LONG1, LONG4.
	0x4A: push(({cursor}) => new DataView(cursor.take(4).slice().buffer).getInt32(0, true)),
	0x4B: push(({cursor}) => cursor.byte()),
	0x4D: push(({cursor}) => cursor.unsigned(2)),
	0x8A: push(({cursor}) => signed(cursor.take(cursor.byte()))),
	0x8B: push(({cursor}) => signed(takeAtMost(cursor, cursor.unsigned(4), mostIntegerBytes))),
	// Texts and bytes: BINSTRING, SHORT_BINSTRING, BINBYTES, SHORT_BINBYTES, BINBYTES8, SHORT_BINUNICODE, BINUNICODE, BINUNICODE8.
	0x54: push(({cursor}) => latin1(takeAtMost(cursor, cursor.unsigned(4), mostBytes))),
	0x55: push(({cursor}) => latin1(cursor.take(cursor.byte()))),
	0x42: push(({cursor}) => takeAtMost(cursor, cursor.unsigned(4), mostBytes).slice()),
	0x43: push(({cursor}) => cursor.take(cursor.byte()).slice()),
	0x8E: push(({cursor}) => takeAtMost(cursor, cursor.unsigned(8), mostBytes).slice()),
	0x8C: push(({cursor}) => utf8(cursor, cursor.byte())),
	0x58: push(({cursor}) => utf8(cursor, cursor.unsigned(4))),
	0x8D: push(({cursor}) => utf8(cursor, cursor.unsigned(8))),
	// NONE, NEWTRUE, NEWFALSE, BINFLOAT.
	0x4E: push(() => null),
	0x88: push(() => true),
	0x89: push(() => false),
	0x47: push(({cursor}) => bigEndianFloat(cursor.take(8))),
	// Lists, tuples, sets: EMPTY_LIST, APPEND, APPENDS, LIST, EMPTY_TUPLE, TUPLE, TUPLE1, TUPLE2, TUPLE3, EMPTY_SET, ADDITEMS, FROZENSET.
	0x5D: push(() => list('list', [])),
	0x61: appendTo(machine => [pop(machine)]),
	0x65: appendTo(popToMark),
	0x6C: push(machine => list('list', popToMark(machine))),
	0x29: push(() => list('tuple', [])),
	0x74: push(machine => list('tuple', popToMark(machine))),
	0x85: push(machine => list('tuple', popMany(machine, 1))),
	0x86: push(machine => list('tuple', popMany(machine, 2))),
	0x87: push(machine => list('tuple', popMany(machine, 3))),
	0x8F: push(() => list('set', [])),
	0x90: appendTo(popToMark),
	0x91: push(machine => list('set', popToMark(machine))),
	// Dicts: EMPTY_DICT, DICT, SETITEM, SETITEMS.
	0x7D: push(() => ({type: 'dict', entries: new Map()})),
	0x64: push(machine => withItems(machine, {type: 'dict', entries: new Map()}, popToMark(machine))),
	0x73: setItems(machine => popMany(machine, 2)),
	0x75: setItems(popToMark),
	// The stack: POP, DUP, MARK, POP_MARK.
	0x30: machine => machine.stack.pop(),
	0x32: push(top),
	0x28: machine => machine.stack.push(mark),
	0x31: popToMark,
	// What was seen before: BINGET, LONG_BINGET, BINPUT, LONG_BINPUT, MEMOIZE.
	0x68: push(machine => recall(machine, machine.cursor.byte())),
	0x6A: push(machine => recall(machine, machine.cursor.unsigned(4))),
	0x71: machine => machine.memo.set(machine.cursor.byte(), top(machine)),
	0x72: machine => machine.memo.set(machine.cursor.unsigned(4), top(machine)),
	0x94: machine => machine.memo.set(machine.memo.size, top(machine)),
	// Names and calls: GLOBAL, STACK_GLOBAL, REDUCE, NEWOBJ, BUILD, BINPERSID.
	0x63: push(({cursor}) => globalOf(cursor, `${line(cursor)}.${line(cursor)}`)),
	0x93: push(machine => globalOf(machine.cursor, popMany(machine, 2).map(String).join('.'))),
	0x52: push(machine => call(machine, popMany(machine, 2))),
	0x81: push(machine => call(machine, popMany(machine, 2))),
	0x62: build,
	0x51: push(machine => machine.storageOf(pop(machine))),
	// The version, and the length of what follows: PROTO, FRAME.
	0x80: ({cursor}) => cursor.take(1),
	0x95: ({cursor}) => cursor.take(8),
};

function push(valueOf: (machine: Machine) => PythonValue): (machine: Machine) => void {
	return machine => {
		machine.stack.push(valueOf(machine));
	};
}

function pop(machine: Machine): PythonValue {
	const value = machine.stack.pop();
	if (value === undefined || value === mark) {
		throw malformed(machine, 'it takes a value where there is none');
	}

	return value;
}

function popMany(machine: Machine, count: number): PythonValue[] {
	return Array.from({length: count}, () => pop(machine)).toReversed();
}

function popToMark(machine: Machine): PythonValue[] {
	const start = machine.stack.lastIndexOf(mark);
	if (start === -1) {
		throw malformed(machine, 'it closes a group that was not opened');
	}

	const values: PythonValue[] = [];
	for (const value of machine.stack.splice(start).slice(1)) {
		if (value !== mark) {
			values.push(value);
		}
	}

	return values;
}

function top(machine: Machine): PythonValue {
	const value = pop(machine);
	machine.stack.push(value);
	return value;
}

function recall(machine: Machine, index: number): PythonValue {
	const value = machine.memo.get(index);
	if (value === undefined) {
		throw malformed(machine, `it refers to value ${index}, which it never noted`);
	}

	return value;
}

function list(type: PythonList['type'], items: PythonValue[]): PythonList {
	return {type, items};
}

function appendTo(valuesOf: (machine: Machine) => readonly PythonValue[]): (machine: Machine) => void {
	return machine => {
		const values = valuesOf(machine);
		const target = top(machine);
		if (typeof target !== 'object' || target === null || !('items' in target) || target.type === 'tuple') {
			throw malformed(machine, 'it appends to what is no list');
		}

		for (const value of values) {
			target.items.push(value);
		}
	};
}

function setItems(itemsOf: (machine: Machine) => readonly PythonValue[]): (machine: Machine) => void {
	return machine => {
		const items = itemsOf(machine);
		const target = top(machine);
		if (!isDict(target)) {
			throw malformed(machine, 'it sets items of what is no dict');
		}

		withItems(machine, target, items);
	};
}

function withItems(machine: Machine, dict: PythonDict, items: readonly PythonValue[]): PythonDict {
	if (items.length % 2 === 1) {
		throw malformed(machine, 'a dict has a key without value');
	}

	for (let index = 0; index < items.length; index += 2) {
		dict.entries.set(items[index]!, items[index + 1]!);
	}

	return dict;
}

function globalOf(cursor: Cursor, name: string): PythonValue {
	if (!isAllowed(name)) {
		throw notStateDict(cursor, name);
	}

	return {type: 'global', name};
}

function call(machine: Machine, [callable, args]: readonly PythonValue[]): PythonValue {
	if (!isGlobal(callable) || !isTuple(args)) {
		throw malformed(machine, 'it calls what is no function');
	}

	const value = callGlobal(callable.name, args.items);
	if (value === undefined) {
		throw malformed(machine, `"${callable.name}" is called with arguments that it does not have`);
	}

	return value;
}

/** State of an object that this program does not look into, such as the metadata of an ordered dict: left out. */
function build(machine: Machine): void {
	pop(machine);
	const target = top(machine);
	if (!isDict(target) && !(typeof target === 'object' && target !== null && 'type' in target && target.type === 'object')) {
		throw malformed(machine, 'it sets the state of what has none');
	}
}

function notStateDict({source: {file}}: Cursor, name: string): UserError {
	const isModel = /^(?:__main__|torch\.nn\.|torchvision\.|.*\.models?\b)/.test(name);
	const isStyleGan = name.startsWith('torch_utils.persistence');
	return new UserError('weights-pickle', 'This is a pickle, but not that of a state dict: loading it would run code. Nothing was run', {
		facts: {file, 'it names': shortened(name)},
		hint: isStyleGan
			? 'Pickles of StyleGAN2 hold source code. Convert it once where you trust it, with the official repository: save G_ema.state_dict() by torch.save.'
			: `${isModel ? 'It holds a whole model rather than its weights. ' : ''}Where you trust it, load it with Python and save the tensors alone: torch.save(model.state_dict(), "weights.pt").`,
	});
}

function malformed({cursor: {source, position}}: Machine, reason: string): UserError {
	return damaged(source, `the pickle cannot be read before byte ${position}: ${reason}`);
}

function shortened(text: string): string {
	return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

/** Two's complement, little-endian; of no bytes, 0. */
function signed(bytes: Uint8Array): number | bigint {
	let value = 0n;
	for (const byte of bytes.toReversed()) {
		value = (value << 8n) | BigInt(byte);
	}

	const exact = BigInt.asIntN(bytes.length * 8, value);
	const number = Number(exact);
	return Number.isSafeInteger(number) ? number : exact;
}

/** Longer ones are made to waste time. */
const mostIntegerBytes = 255;

/** Bytes of a length that the file says, which may be any. */
function takeAtMost(cursor: Cursor, count: number, most: number): Uint8Array {
	if (count > most) {
		throw damaged(cursor.source, `there is a value of ${count} bytes before byte ${cursor.position}`);
	}

	return cursor.take(count);
}

function bigEndianFloat(bytes: Uint8Array): number {
	return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0);
}

function utf8(cursor: Cursor, count: number): string {
	// Python's "surrogatepass" may put what is not UTF-8 here; such a name fits no weight.
	return new TextDecoder().decode(takeAtMost(cursor, count, mostBytes));
}

/** How Python 2 wrote texts; names of weights are ASCII. */
function latin1(bytes: Uint8Array): string {
	return new TextDecoder('latin1').decode(bytes);
}

function line(cursor: Cursor): string {
	const codes: number[] = [];
	for (let code = cursor.byte(); code !== 0x0A; code = cursor.byte()) {
		codes.push(code);
		if (codes.length > 1000) {
			throw damaged(cursor.source, `there is a name without end before byte ${cursor.position}`);
		}
	}

	return latin1(Uint8Array.from(codes));
}
