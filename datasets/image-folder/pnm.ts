import type {Picture} from './picture.ts';

/** How the digit after the P is read. Bitmaps (P1, P4) and arbitrary maps (P7) are rare for photographs and left out. */
const variants = new Map([
	['P2', {channels: 1, isText: true}],
	['P3', {channels: 3, isText: true}],
	['P5', {channels: 1, isText: false}],
	['P6', {channels: 3, isText: false}],
] as const);

type Header = {
	readonly width: number;
	readonly height: number;
	/** The value of full white. */
	readonly maximum: number;
	/** Where the header's last number ends. */
	readonly end: number;
};

const largestMaximum = 65_535;
const space = /\s/u;

/** Whether a file begins like one of the Netpbm formats. */
export function isPnm(bytes: Uint8Array): boolean {
	return /^P[1-7]\s/u.test(latin1(bytes.subarray(0, 3)));
}

/** The value that stands for full white. @throws {RangeError} when the header is damaged */
export function pnmMaximum(bytes: Uint8Array): number {
	return readHeader(bytes).maximum;
}

/**
 * Reads a greymap or pixmap (Netpbm P2, P3, P5, P6) of 8 or 16 bits per value, scaled to 0–255.
 * @throws {RangeError} that says what is wrong with the file.
 */
export function decodePnm(bytes: Uint8Array): Picture {
	const magic = latin1(bytes.subarray(0, 2));
	const variant = variants.get(magic as 'P2');
	if (!variant) {
		throw new RangeError(`Netpbm variant ${magic} is not supported, expected P2, P3, P5 or P6`);
	}

	const header = readHeader(bytes);
	const {width, height, maximum} = header;
	const values = variant.isText ? readText(bytes, header.end) : readBinary(bytes, header);
	const expected = width * height * variant.channels;
	if (values.length < expected) {
		throw new RangeError(`truncated: expected ${expected} values for ${width}×${height}, got ${values.length}`);
	}

	const data = new Uint8Array(expected);
	for (let index = 0; index < expected; index++) {
		const value = values[index]!;
		if (!(value <= maximum)) {
			throw new RangeError(`value ${index + 1} is ${value}, but the largest is said to be ${maximum}`);
		}

		data[index] = Math.round(value * 255 / maximum);
	}

	return {
		width, height, channels: variant.channels, data,
	};
}

function readHeader(bytes: Uint8Array): Header {
	let position = 2;
	const next = (name: string, largest: number) => {
		position = skipBlanks(bytes, position);
		const end = endOfWord(bytes, position);
		const text = latin1(bytes.subarray(position, end));
		const value = Number(text);
		if (!/^\d+$/u.test(text) || value < 1 || value > largest) {
			throw new RangeError(`the header's ${name} must be a whole number from 1 to ${largest}, got "${text}"`);
		}

		position = end;
		return value;
	};

	const width = next('width', largestMaximum);
	const height = next('height', largestMaximum);
	const maximum = next('maximum', largestMaximum);
	return {
		width, height, maximum, end: position,
	};
}

/** Past white space and comments, which run from `#` to the end of the line. */
function skipBlanks(bytes: Uint8Array, start: number): number {
	let position = start;
	for (let inComment = false; position < bytes.length; position++) {
		const character = String.fromCodePoint(bytes[position]!);
		inComment = inComment ? character !== '\n' && character !== '\r' : character === '#';
		if (!inComment && !space.test(character)) {
			break;
		}
	}

	return position;
}

function endOfWord(bytes: Uint8Array, start: number): number {
	let position = start;
	// A comment may follow a number without a blank.
	while (position < bytes.length && position - start < 10 && !/[\s#]/u.test(String.fromCodePoint(bytes[position]!))) {
		position++;
	}

	return position;
}

function readText(bytes: Uint8Array, end: number): number[] {
	const words = latin1(bytes.subarray(end)).replaceAll(/#[^\n\r]*/gu, ' ').split(/\s+/u).filter(word => word !== '');
	return words.map(Number);
}

/** One byte per value, or two with the higher first when the maximum needs them. */
function readBinary(bytes: Uint8Array, {maximum, end}: Header): Uint8Array | Uint16Array {
	// Exactly one blank parts the header from the pixels; the byte after it may look like another.
	const pixels = bytes.subarray(end + 1);
	if (maximum < 256) {
		return pixels;
	}

	const view = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength);
	return Uint16Array.from({length: Math.floor(pixels.length / 2)}, (_, index) => view.getUint16(2 * index));
}

const decoder = new TextDecoder('latin1');

function latin1(bytes: Uint8Array): string {
	return decoder.decode(bytes);
}
