import {jsonArtifact} from '../../engine/index.ts';

/** Word → how often it was found. */
export type WordCounts = Readonly<Record<string, number>>;

export const wordCounts = jsonArtifact<WordCounts>()('word-counts', {
	preview: counts => `${Object.keys(counts).length} different words`,
});
