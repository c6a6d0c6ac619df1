import {definePipeline, Type} from '../../engine/index.ts';
import {count} from './stages/10-count.ts';
import {ranking} from './stages/20-ranking.ts';

/** Which words does each collection of texts use most? One variant per collection, and a table that compares them. */
export default definePipeline({
	params: {
		texts: Type.Object({folder: Type.String({description: 'Folder of text files; a relative path starts at the folder of pipeline.ts.'})}),
		count: count.params,
		ranking: Type.Omit(ranking.params, ['collections']),
	},
	variant({add, folder, params}) {
		return add(count, {texts: folder(params.texts.folder)}, params.count);
	},
	compare({add, params, variants}, {counts}) {
		const {table, page} = add(ranking, {counts}, {...params.ranking, collections: variants.map(({name}) => name)});
		return {goals: {table}, reports: {'words.txt': page, 'words.json': table}};
	},
});
