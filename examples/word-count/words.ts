/** The words of a text in lower case, in order. Apostrophes and hyphens inside a word belong to it. */
export function wordsOf(text: string): readonly string[] {
	return text.toLowerCase().match(/\p{L}+(?:['’-]\p{L}+)*/gu) ?? [];
}
