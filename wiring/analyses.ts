import type {classifier} from '../artifacts/classifier.ts';
import type {generator as generatorType} from '../artifacts/generator.ts';
import type {imageSet} from '../artifacts/image-set.ts';
import type {latentPool as latentPoolType} from '../artifacts/latents.ts';
import type {similarityParams} from '../attacks/params.ts';
import type {Ref, Wiring} from '../engine/pipeline.ts';
import type {optimization} from '../stages/50-optimization.ts';
import {imagePredictions} from '../stages/72-image-predictions.ts';
import {tsne} from '../stages/82-tsne.ts';
import {featureDistances} from '../stages/83-feature-distances.ts';
import {gradientCosines} from '../stages/84-gradient-cosines.ts';
import {calibration} from '../stages/86-calibration.ts';

type Analysed = Readonly<Record<'train' | 'test', Ref<typeof imageSet>>> & {readonly target: Ref<typeof classifier>; readonly generator: Ref<typeof generatorType>; readonly latents: Ref<typeof latentPoolType>};

type AnalysisParams = {
	readonly tsne: typeof tsne.params.static;
	readonly optimization: typeof optimization.params.static;
	readonly gradientSimilarity: typeof similarityParams.static;
	readonly calibration: typeof calibration.params.static;
};

/** What explains the results of one variant: how its target model arranges people, how steady the attack's gradients are, whether it knows what it knows. */
export function analyses({add, params}: Pick<Wiring<AnalysisParams>, 'add' | 'params'>, {train, test, target, generator, latents}: Analysed) {
	const {predictions: features, backend: featuresBackend} = add(imagePredictions, {model: target, images: train}, {keep: ['features']}, {name: 'target-features-on-train'});
	const {similarity, backend: similarityBackend} = add(gradientCosines, {pool: latents, generator, target}, {...params.optimization, ...params.gradientSimilarity});
	const {predictions: targetTest, backend: reliabilityBackend} = add(imagePredictions, {model: target, images: test}, {keep: ['logits']}, {name: 'target-on-test'});
	return {
		distances: add(featureDistances, {features}, {}).distances,
		projection: add(tsne, {features}, params.tsne).projection,
		similarity,
		reliability: add(calibration, {targetTest}, params.calibration).reliability,
		featuresBackend,
		similarityBackend,
		reliabilityBackend,
	};
}
