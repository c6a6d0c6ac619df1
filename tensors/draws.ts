/** Two independent standard normals from numbers drawn uniformly in (−1, 1): Marsaglia's polar method, a point in the unit disc. */
export function normalPair(signed: () => number): readonly [number, number] {
	for (;;) {
		const x = signed();
		const y = signed();
		const square = (x * x) + (y * y);
		if (square > 0 && square < 1) {
			const factor = Math.sqrt(-2 * Math.log(square) / square);
			return [x * factor, y * factor];
		}
	}
}

/** Shuffles in place as Fisher and Yates do, from the end. @param upTo - draws a whole number from 0 to the given one. */
export function shuffleInPlace<Items extends unknown[] | Int32Array>(items: Items, upTo: (last: number) => number): Items {
	for (let last = items.length - 1; last > 0; last--) {
		const other = upTo(last);
		const item = items[last];
		items[last] = items[other];
		items[other] = item;
	}

	return items;
}
