import {closest, distance} from 'fastest-levenshtein';

/** The known name that is spelt most alike; none when more than half of the letters would have to change. */
export function similarName(name: string, known: readonly string[]): string | undefined {
	if (known.length === 0) {
		return undefined;
	}

	const nearest = closest(name, known);
	return distance(name, nearest) <= name.length / 2 ? nearest : undefined;
}
