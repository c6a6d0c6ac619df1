/** A decoded image of any size, upright. */
export type Picture = {
	readonly width: number;
	readonly height: number;
	/** Grey or RGB. */
	readonly channels: 1 | 3;
	/** Row-major [height, width, channels]. */
	readonly data: Uint8Array;
};
