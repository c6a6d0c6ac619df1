import {Type} from '@sinclair/typebox';
import {generator} from '../artifacts/generator.ts';
import {imageViewParams} from '../attacks/params.ts';
import {readingCost, stylegan2Of} from '../costs/files.ts';
import {defineStage, file} from '../engine/stage.ts';
import {readStylegan2} from '../models/networks/stylegan2/read-file.ts';

/** A file of weights → the image prior the attack searches, trained by somebody else (paper Sec. 4.1). */
export const importedGenerator = defineStage({
	name: 'imported-generator',
	inputs: {weights: file},
	params: Type.Object(imageViewParams),
	outputs: {generator},
	cost({weights}, params) {
		const {generator: outlined, assumptions} = stylegan2Of(weights, params);
		return {...readingCost(weights), assumptions, outputs: {generator: outlined}};
	},
	run: async ({weights}, params) => ({generator: await readStylegan2(weights.path, params)}),
});
