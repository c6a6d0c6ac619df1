import {allocate, position, release, wholeHeap} from './heap.ts';

/** Windows over images, of which each is a row of a matrix: its pieces one after the other, each of which is adjacent in an image. */
export type Windows = {
	readonly images: number;
	/** Windows of an image. */
	readonly rows: number;
	readonly columns: number;
	/** From one window to the next. */
	readonly rowStride: number;
	readonly columnStride: number;
	readonly pieces: number;
	readonly pieceLength: number;
	readonly pieceStride: number;
	/** Where the first window of an image begins; it is called for one image after the other. */
	load(image: number): number;
};

/** How many numbers of windows are copied at a time. */
const copied = 2 ** 20;

/**
 * For sums over windows where an image has but a few: as a matrix, those of many images can be multiplied at once.
 *
 * @param multiply gets the position of a matrix of windows, how many rows it has, and how many windows came before
 */
export function eachMatrix({images, rows, columns, rowStride, columnStride, pieces, pieceLength, pieceStride, load}: Windows, multiply: (matrix: number, count: number, before: number) => void): void {
	const size = pieces * pieceLength;
	const atOnce = Math.min(images, Math.max(1, Math.floor(copied / (rows * columns * size))));
	const matrix = allocate([atOnce * rows * columns, size]);
	for (let first = 0; first < images; first += atOnce) {
		const count = Math.min(atOnce, images - first);
		let to = position(matrix);
		for (let image = first; image < first + count; image++) {
			const from = load(image);
			const heap = wholeHeap();
			for (let window = 0; window < rows * columns; window++) {
				const start = from + (Math.floor(window / columns) * rowStride) + ((window % columns) * columnStride);
				for (let piece = 0; piece < pieces; piece++) {
					heap.copyWithin(to, start + (piece * pieceStride), start + (piece * pieceStride) + pieceLength);
					to += pieceLength;
				}
			}
		}

		multiply(position(matrix), count * rows * columns, first * rows * columns);
	}

	release(matrix);
}
