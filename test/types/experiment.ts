/** Checked by `tsc`, never run: the stages of the experiment cannot be wired wrongly. Every line after an expected error must not compile. */
import {definePipeline} from '../../engine/pipeline.ts';
import {imageFolder} from '../../stages/11-image-folder.ts';
import {imageSplit} from '../../stages/14-image-split.ts';
import {evaluationTraining} from '../../stages/22-evaluation-training.ts';
import {generatorTraining} from '../../stages/30-generator-training.ts';
import {latentPool} from '../../stages/35-latent-pool.ts';
import {sampling} from '../../stages/40-sampling.ts';
import {comparison} from '../../stages/85-comparison.ts';

export default definePipeline({
	params: {
		images: imageFolder.params,
		split: imageSplit.params,
		evaluation: evaluationTraining.params,
		generator: generatorTraining.params,
		latentPool: latentPool.params,
		sampling: sampling.params,
		comparison: comparison.params,
	},
	variant({add, folder, params}) {
		const {images} = add(imageFolder, {files: folder('photos')}, params.images);
		const {train} = add(imageSplit, {images}, params.split);
		const {evaluation} = add(evaluationTraining, {train}, params.evaluation);
		const {generator} = add(generatorTraining, {images}, params.generator);
		const {pool} = add(latentPool, {generator}, params.latentPool);
		const {initial} = add(sampling, {pool, generator, target: evaluation}, params.sampling);

		// @ts-expect-error: a classifier where images are expected
		add(imageSplit, {images: evaluation}, params.split);

		// @ts-expect-error: images where a classifier is expected
		add(sampling, {pool, generator, target: images}, params.sampling);

		// @ts-expect-error: a generator where a classifier is expected
		add(sampling, {pool, generator, target: generator}, params.sampling);

		// @ts-expect-error: a set of latents, which has their classes too, where a pool is expected
		add(sampling, {pool: initial, generator, target: evaluation}, params.sampling);

		// @ts-expect-error: an attack without a target model
		add(sampling, {pool, generator}, params.sampling);

		// @ts-expect-error: a folder of files where images are expected
		add(imageSplit, {images: folder('photos')}, params.split);

		// @ts-expect-error: the params of another stage
		add(sampling, {pool, generator, target: evaluation}, params.latentPool);

		return {images, initial};
	},
	compare({add, params}, {images}) {
		// @ts-expect-error: every variant's images where every variant's metrics are expected
		const {table} = add(comparison, {metrics: images}, params.comparison);
		return {goals: {table}};
	},
});
