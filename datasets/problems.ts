/** One thing that is wrong, about one identity or file. */
export type Problem = {
	readonly subject: string;
	readonly reason: string;
};

/** More than this many lines of one kind help nobody. */
const listedProblems = 10;

/** The first ten problems as facts of an error, and how many more there are. */
export function problemFacts(problems: readonly Problem[]): Record<string, string> {
	const listed = problems.slice(0, listedProblems).map(({subject, reason}) => [subject, reason] as const);
	const more = problems.length - listed.length;
	return Object.fromEntries(more > 0 ? [...listed, ['…', `and ${more} more`]] : listed);
}

/** The first ten names, and how many more there are. */
export function firstNames(names: readonly string[]): string {
	const listed = names.slice(0, listedProblems).join(', ');
	return names.length > listedProblems ? `${listed}, and ${names.length - listedProblems} more` : listed;
}

/** `1 identity`, `2 identities`. */
export function counted(count: number, singular: string, plural = `${singular}s`): string {
	return `${count} ${count === 1 ? singular : plural}`;
}
