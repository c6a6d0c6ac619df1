import {digestText} from '../../engine/digest.ts';

/** Numbers that look random: equal seeds give equal streams, on every machine. */
export class Random {
	readonly #seed: string;
	#count = 0;

	constructor(seed: string) {
		this.#seed = seed;
	}

	/** From 0 up to, not including, 1. */
	next(): number {
		this.#count++;
		return Number.parseInt(digestText(`${this.#seed} ${this.#count}`).slice(0, 12), 16) / (2 ** 48);
	}

	/** A whole number; both ends may come. */
	integer(from: number, to: number): number {
		return from + Math.floor(this.next() * (to - from + 1));
	}

	/** @throws when there is nothing to pick from. */
	pick<Item>(items: readonly Item[]): Item {
		if (items.length === 0) {
			throw new Error('Internal error: expected something to pick from');
		}

		return items[this.integer(0, items.length - 1)]!;
	}

	chance(probability: number): boolean {
		return this.next() < probability;
	}

	/** The items in another order. */
	shuffled<Item>(items: readonly Item[]): readonly Item[] {
		const keyed = items.map(item => ({item, key: this.next()}));
		return keyed.toSorted((a, b) => a.key - b.key).map(({item}) => item);
	}
}
