/** Lines of a node's log that are kept at each end, and characters of a line. */
const endLines = 5000;
const lineLength = 2000;

/** A log that keeps its beginning and its end, and says how much is left out between them. */
export class BoundedLog {
	readonly #first: string[] = [];
	readonly #last: string[] = [];
	#omitted = 0;

	add(line: string): void {
		const text = line.length > lineLength ? `${line.slice(0, lineLength)}…` : line;
		if (this.#first.length < endLines) {
			this.#first.push(text);
			return;
		}

		this.#last.push(text);
		// Twice the size before it is cut: otherwise every line would move all the others.
		if (this.#last.length > 2 * endLines) {
			this.#omitted += this.#last.splice(0, endLines).length;
		}
	}

	toString(): string {
		return [...this.#first, ...(this.#omitted > 0 ? [`… ${this.#omitted} lines left out …`] : []), ...this.#last].join('\n');
	}
}
