/** What a `UserError` may carry besides its sentence. */
export type ErrorDetails = {
	/** What to do next, as a sentence. */
	readonly hint?: string;
	/** Aligned facts below the sentence: expected and got, file, key path. */
	readonly facts?: Readonly<Record<string, string | number>>;
	readonly cause?: unknown;
};

/**
 * Something a user can mend: wrong params, missing files, a store that cannot be used. It is shown without a stack trace.
 * Every other error that reaches the command line is a bug, ours or a stage's, and is shown with one.
 */
export class UserError extends Error {
	override readonly name = 'UserError';
	/** Stable, kebab-case, for machines. */
	readonly code: string;
	readonly hint: string | undefined;
	readonly facts: Readonly<Record<string, string | number>>;

	constructor(code: string, message: string, {hint, facts = {}, cause}: ErrorDetails = {}) {
		super(message, cause === undefined ? undefined : {cause});
		this.code = code;
		this.hint = hint;
		this.facts = facts;
	}
}

/** The run was cancelled while a stage computed. */
export class CancelledError extends Error {
	override readonly name = 'CancelledError';

	constructor() {
		super('Cancelled');
	}
}

/** For the default branch of a `switch` over a union: fails to compile when a member is forgotten. */
export function unreachable(value: never): never {
	throw new Error(`Internal error: expected no other case, but there was ${JSON.stringify(value)}`);
}

/** Whether an error is a `UserError`, of whichever copy of the class: a pipeline is compiled with its own, so identity does not tell. */
export function isUserError(error: unknown): error is UserError {
	return error instanceof Error && error.name === 'UserError';
}

/** The sentence, the facts, the hint: one text for terminals, logs and tests. */
export function describeError(error: unknown): string {
	if (!isUserError(error)) {
		return error instanceof Error ? error.stack ?? error.message : String(error);
	}

	const width = Math.max(0, ...Object.keys(error.facts).map(name => name.length));
	const facts = Object.entries(error.facts).map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
	return [error.message, ...facts, ...(error.hint ? [error.hint] : [])].join('\n');
}
