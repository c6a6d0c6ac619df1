/** Items in the order of a rank, the highest first; of equals, the one that came first. */
export class SortedQueue<Item> {
	readonly #rankOf: (item: Item) => number;
	/** The highest rank last, where taking it is cheap. */
	readonly #items: Item[] = [];

	constructor(rankOf: (item: Item) => number) {
		this.#rankOf = rankOf;
	}

	get size(): number {
		return this.#items.length;
	}

	add(item: Item): void {
		const rank = this.#rankOf(item);
		let low = 0;
		let high = this.#items.length;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if (this.#rankOf(this.#items[middle]!) < rank) {
				low = middle + 1;
			} else {
				high = middle;
			}
		}

		this.#items.splice(low, 0, item);
	}

	/** Takes the first item out. */
	take(): Item | undefined {
		return this.#items.pop();
	}

	clear(): void {
		this.#items.length = 0;
	}
}
