/** Numbers of a row that are multiplied at a time: so few that the rows of one matrix stay in the processor's cache meanwhile. */
const depth = 256;

/** Sizes of a product A·Bᵀ: A is row-major [rows, inner], B [columns, inner]. */
export type ProductShape = {readonly rows: number; readonly columns: number; readonly inner: number};

/**
 * Adds A·Bᵀ to a matrix, eight entries of it at a time.
 *
 * @param into - row-major [rows, columns]
 * @param isSymmetric - whether the product is known to be so: only the entries on and above the diagonal are then computed, and few below it
 */
export function addProduct(into: Float64Array, [a, b]: readonly [Float64Array, Float64Array], {rows, columns, inner}: ProductShape, isSymmetric = false): void {
	for (let from = 0; from < inner; from += depth) {
		const to = Math.min(inner, from + depth);
		for (let row = 0; row < rows; row += 2) {
			for (let column = isSymmetric ? row - (row % 4) : 0; column < columns; column += 4) {
				if (row + 2 <= rows && column + 4 <= columns) {
					addTile(into, [a, b], {row, column, columns, inner, from, to});
				} else {
					addEdge(into, [a, b], {rows: [row, Math.min(rows, row + 2)], columns: [column, Math.min(columns, column + 4)], width: columns, inner, from, to});
				}
			}
		}
	}
}

type Tile = {readonly row: number; readonly column: number; readonly columns: number; readonly inner: number; readonly from: number; readonly to: number};

/** Two rows and four columns, whose sums the processor holds in its registers. */
function addTile(into: Float64Array, [a, b]: readonly [Float64Array, Float64Array], {row, column, columns, inner, from, to}: Tile): void {
	let s00 = 0;
	let s01 = 0;
	let s02 = 0;
	let s03 = 0;
	let s10 = 0;
	let s11 = 0;
	let s12 = 0;
	let s13 = 0;
	const a0 = row * inner;
	const a1 = a0 + inner;
	const b0 = column * inner;
	const b1 = b0 + inner;
	const b2 = b1 + inner;
	const b3 = b2 + inner;
	for (let index = from; index < to; index++) {
		const x = a[a0 + index]!;
		const y = a[a1 + index]!;
		const p = b[b0 + index]!;
		const q = b[b1 + index]!;
		const r = b[b2 + index]!;
		const s = b[b3 + index]!;
		s00 += x * p;
		s01 += x * q;
		s02 += x * r;
		s03 += x * s;
		s10 += y * p;
		s11 += y * q;
		s12 += y * r;
		s13 += y * s;
	}

	const first = (row * columns) + column;
	const second = first + columns;
	into[first]! += s00;
	into[first + 1]! += s01;
	into[first + 2]! += s02;
	into[first + 3]! += s03;
	into[second]! += s10;
	into[second + 1]! += s11;
	into[second + 2]! += s12;
	into[second + 3]! += s13;
}

type Edge = {readonly rows: readonly [number, number]; readonly columns: readonly [number, number]; readonly width: number; readonly inner: number; readonly from: number; readonly to: number};

function addEdge(into: Float64Array, [a, b]: readonly [Float64Array, Float64Array], {rows, columns, width, inner, from, to}: Edge): void {
	for (let row = rows[0]; row < rows[1]; row++) {
		for (let column = columns[0]; column < columns[1]; column++) {
			let sum = 0;
			for (let index = from; index < to; index++) {
				sum += a[(row * inner) + index]! * b[(column * inner) + index]!;
			}

			into[(row * width) + column]! += sum;
		}
	}
}

/** Copies what is above the diagonal of a row-major [size, size] matrix below it. */
export function mirrorUpper(matrix: Float64Array, size: number): void {
	for (let row = 1; row < size; row++) {
		for (let column = 0; column < row; column++) {
			matrix[(row * size) + column] = matrix[(column * size) + row]!;
		}
	}
}
