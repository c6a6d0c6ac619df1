import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {defineStage, files, Type} from '../../../engine/index.ts';
import {wordCounts} from '../word-counts.ts';
import {wordsOf} from '../words.ts';

/** A folder of texts → how often each word is in there. */
export const count = defineStage({
	name: 'count',
	inputs: {texts: files},
	params: Type.Object({
		minLength: Type.Integer({minimum: 1, maximum: 50, description: 'Shorter words are left out.'}),
	}),
	outputs: {counts: wordCounts},
	async run({texts}, {minLength}, {log, onStep}) {
		const counts = new Map<string, number>();
		for (const [index, file] of texts.files.entries()) {
			const words = wordsOf(await readFile(path.join(texts.root, file.path), 'utf8'));
			log(`${file.path}: ${words.length} words`);
			for (const word of words.filter(({length}) => length >= minLength)) {
				counts.set(word, (counts.get(word) ?? 0) + 1);
			}

			await onStep(index + 1, texts.files.length, 'file');
		}

		return {counts: Object.fromEntries(counts)};
	},
});
