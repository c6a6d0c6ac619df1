import type {ImageSet} from '../artifacts/image-set.ts';
import type {History} from '../artifacts/records.ts';
import type {VariantResult} from './comparison.ts';

/** A variant with everything the page shows of it. */
export type ReportedVariant = VariantResult & {
	/** Selected reconstructions, labelled by target class: class-major, best first inside a class. */
	readonly reconstructions: ImageSet;
	/** The private images that the target model was trained on. */
	readonly trainingImages: ImageSet;
	/** The private images that the reconstructions are compared with. */
	readonly compared: ImageSet;
	/** For each reconstruction the index of the closest of `compared`; absent when it was not computed. */
	readonly nearest?: ArrayLike<number>;
	/** How the target model was trained; absent to leave its curves out. */
	readonly training?: History;
	/** How the attack's optimization went; absent to leave its curves out. */
	readonly optimization?: History;
};

/** Where the numbers of a page come from. */
export type Provenance = {
	readonly seed: string | number;
	/** The params of the run, shown as JSON. */
	readonly params: unknown;
	/** What computed, such as `wasm`, with its version if known. */
	readonly backend: string;
	/** Commit of this repository, when it is known. */
	readonly commit?: string;
	/** The artifacts that the page was made from. */
	readonly inputs: ReadonlyArray<{readonly variant: string; readonly artifact: string; readonly digest: string}>;
};

/** What a page is made from. */
export type Report = {
	readonly title: string;
	/** What the run asks, in a sentence or two. */
	readonly question: string;
	/** In any order; of different names. */
	readonly variants: readonly ReportedVariant[];
	/** Name of the variant that the others are compared with. */
	readonly baseline: string;
	readonly pictures?: PictureLimits;
	readonly provenance: Provenance;
	/** Lines below the result table, such as how much the numbers vary between seeds. */
	readonly notes?: readonly string[];
};

/** How many pictures the page shows. */
export type PictureLimits = {
	/** True training images per identity; 5 unless told. */
	readonly trainingPerClass?: number;
	/** Reconstructions per identity and variant, the best ones; 3 unless told. */
	readonly reconstructionsPerClass?: number;
	/** Identities, the first ones; 40 unless told. */
	readonly classes?: number;
};
