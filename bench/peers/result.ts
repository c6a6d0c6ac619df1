/** What is timed: a run that has nothing to do, one after the leaf changed, and one in an empty cache. */
export const kinds = ['nothing', 'leaf', 'cold'] as const;
export type Kind = (typeof kinds)[number];

/** Milliseconds of every run; what went wrong, where something did. */
export type Measured = {readonly ms: readonly number[]; readonly problem?: string};

/** All that was measured at one size. */
export type SizeResult = {
	readonly nodes: number;
	/** Milliseconds of `node -e 0`, by turns with the peers. */
	readonly bareNodeMs: readonly number[];
	/** Peer → kind of run → its times. */
	readonly peers: Readonly<Record<string, Readonly<Record<Kind, Measured>>>>;
};
