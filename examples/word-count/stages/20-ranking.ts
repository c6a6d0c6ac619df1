import {defineStage, each, jsonArtifact, textArtifact, Type} from '../../../engine/index.ts';
import {rank, tableText, type RankedWord} from '../rank.ts';
import {wordCounts} from '../word-counts.ts';

const rankedWords = jsonArtifact<readonly RankedWord[]>()('ranked-words', {preview: tableText});

/** The counts of every collection → the words that all of them together use most. */
export const ranking = defineStage({
	name: 'ranking',
	inputs: {counts: each(wordCounts)},
	params: Type.Object({
		words: Type.Integer({minimum: 1, maximum: 1000, description: 'Rows of the table.'}),
		collections: Type.Array(Type.String()),
	}),
	outputs: {table: rankedWords, page: textArtifact('word-table', 'txt')},
	run({counts}, {words, collections}) {
		const table = rank(collections.map(name => [name, counts[name]!]), words);
		return {table, page: `${tableText(table)}\n`};
	},
});
