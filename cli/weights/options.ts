/** What every `weights` command may use. */
export type WeightsOptions = {
	/** Pipeline file; imported weights are kept beside it. */
	readonly pipeline: string;
	readonly json?: boolean;
};
