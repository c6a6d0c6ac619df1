/** A folder whose files are known by name. */
export type ListedFolder = {
	/** Absolute path. */
	readonly root: string;
	readonly files: ReadonlyArray<{
		/** Relative to the folder, with `/` between its folders. */
		readonly path: string;
	}>;
};
