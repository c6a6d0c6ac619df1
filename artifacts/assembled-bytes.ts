import type {ScratchFile} from '../engine/scratch-files.ts';

/** Where an array is put together that may be larger than the memory. */
export type Assembly = {
	/** Begins the file where an array that is larger than `memoryLimitBytes` is assembled. */
	readonly scratchFile: () => ScratchFile;
	/** Arrays up to this size are held in memory; 256 MiB when absent. */
	readonly memoryLimitBytes?: number | undefined;
};

/** Arrays that are larger stay on the disk, unless somebody says otherwise. */
export const usualLimitBytes = 256 * (1024 ** 2);

/** Begins an array of at most so many bytes: in the memory, or on the disk when it is large. */
export function assemble(sizeBytes: number, {scratchFile, memoryLimitBytes = usualLimitBytes}: Assembly): ScratchFile {
	if (sizeBytes > memoryLimitBytes) {
		return scratchFile();
	}

	const bytes = new Uint8Array(sizeBytes);
	let length = 0;
	return {
		add(piece) {
			bytes.set(piece, length);
			length += piece.length;
		},
		finish: () => bytes.subarray(0, length),
	};
}
