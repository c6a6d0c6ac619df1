import {Type} from '@sinclair/typebox';
import {generator} from '../artifacts/generator.ts';
import {imageViewParams} from '../attacks/params.ts';
import {defineStage, files} from '../engine/stage.ts';
import {readStylegan2} from '../models/networks/stylegan2/read-file.ts';

/** A file of weights → the image prior the attack searches, trained by somebody else (paper Sec. 4.1). */
export const importedGenerator = defineStage({
	name: 'imported-generator',
	inputs: {files},
	params: Type.Object({
		file: Type.String({minLength: 1, description: 'Name of the file in its folder.'}),
		...imageViewParams,
	}),
	outputs: {generator},
	run: async ({files: folder}, params) => ({generator: await readStylegan2(folder, params)}),
});
