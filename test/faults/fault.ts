import type {Round} from './round.ts';

/** A kind of fault. */
export type Fault = {
	readonly name: string;
	/** Why it cannot happen on this machine; nothing when it can. */
	readonly unavailable?: () => string | undefined;
	/**
	 * Makes it happen at a random instant and checks what must hold.
	 * @returns what was done, for the report
	 * @throws {Violation} when a promise was broken
	 */
	readonly perform: (round: Round) => Promise<string>;
};
