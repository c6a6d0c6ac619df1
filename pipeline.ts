import {Type} from '@sinclair/typebox';
import type {classifier} from './artifacts/classifier.ts';
import type {generator as generatorType} from './artifacts/generator.ts';
import type {imageSet} from './artifacts/image-set.ts';
import type {latentPool as latentPoolType} from './artifacts/latents.ts';
import type {attackMetrics} from './artifacts/records.ts';
import {checkAttackSizes, similarityParams} from './attacks/params.ts';
import {datasetParams} from './datasets/params.ts';
import {definePipeline, type AnyRef, type Comparing, type Deliverables, type EachRef, type Ref, type Wiring} from './engine/pipeline.ts';
import {checkBaseline} from './reporting/variants.ts';
import {proceduralFaces} from './stages/10-procedural-faces.ts';
import {imageFolder} from './stages/11-image-folder.ts';
import {identitySplit} from './stages/12-identity-split.ts';
import {imageSplit} from './stages/14-image-split.ts';
import {subsample} from './stages/16-subsample.ts';
import {targetTraining} from './stages/20-target-training.ts';
import {evaluationTraining} from './stages/22-evaluation-training.ts';
import {embeddingTraining} from './stages/24-embedding-training.ts';
import {generatorTraining} from './stages/30-generator-training.ts';
import {latentPool} from './stages/35-latent-pool.ts';
import {sampling} from './stages/40-sampling.ts';
import {optimization} from './stages/50-optimization.ts';
import {selection} from './stages/60-selection.ts';
import {reconstruction} from './stages/65-reconstruction.ts';
import {surrogateTraining} from './stages/70-surrogate-training.ts';
import {startMetrics} from './stages/79-start-metrics.ts';
import {metrics} from './stages/80-metrics.ts';
import {targetFeatures} from './stages/81-target-features.ts';
import {tsne} from './stages/82-tsne.ts';
import {featureDistances} from './stages/83-feature-distances.ts';
import {gradientCosines} from './stages/84-gradient-cosines.ts';
import {comparison} from './stages/85-comparison.ts';
import {calibration} from './stages/86-calibration.ts';
import {sensitivity} from './stages/87-sensitivity.ts';
import {report} from './stages/90-report.ts';
import {embedding as embeddingAnalysis} from './stages/91-embedding.ts';
import {gradientSimilarity} from './stages/92-gradient-similarity.ts';
import {reliability} from './stages/93-reliability.ts';
import {stageAblations} from './stages/94-stage-ablations.ts';

/** Each stage of the attack sees its own target model: the same one, unless a variant patches `sampling.target` and the like. */
const targetOverride = {target: Type.Optional(Type.Partial(targetTraining.params, {description: 'Attack this target model instead, in this stage only.'}))};

/** The paper trains the surrogate on the selected reconstructions only; here all optimized ones are the default, since there are few. */
const learnsFrom = Type.Object({
	reconstructions: Type.Union([Type.Literal('candidates'), Type.Literal('selected')], {description: 'What the surrogate learns from: "candidates", all optimized reconstructions, or "selected", those that selection kept.'}),
});

/** The experiment: train a target model with label smoothing, attack it, and measure what the attack extracted. */
export default definePipeline({
	params: {
		dataset: datasetParams,
		subsample: subsample.params,
		target: targetTraining.params,
		evaluation: evaluationTraining.params,
		embedding: embeddingTraining.params,
		generator: generatorTraining.params,
		latentPool: latentPool.params,
		sampling: Type.Composite([sampling.params, Type.Object(targetOverride)]),
		optimization: Type.Composite([optimization.params, Type.Object(targetOverride)]),
		selection: Type.Composite([selection.params, Type.Object(targetOverride)]),
		surrogate: Type.Composite([surrogateTraining.params, learnsFrom]),
		tsne: tsne.params,
		gradientSimilarity: similarityParams,
		calibration: calibration.params,
		comparison: Type.Omit(comparison.params, ['variants']),
		report: Type.Omit(report.params, ['variants', 'baseline', 'seed', 'params']),
	},

	variant({add, folder, params}) {
		checkAttackSizes(params);

		// Data: private people, whom the target model knows; public people, whom the attacker may see.
		const faces = population({add, folder, params: params.dataset});
		const {train: pool, test} = add(imageSplit, {images: faces.private}, params.dataset);
		const {subset: train} = add(subsample, {train: pool}, params.subsample);

		// Models: the target that is attacked, two judges it never meets, and the image prior of the attacker.
		const targetOf = (override: object = {}) => add(targetTraining, {train}, {...params.target, ...override});
		const {target, history: targetHistory} = targetOf();
		const {evaluation} = add(evaluationTraining, {train: pool}, params.evaluation);
		const {embedding} = add(embeddingTraining, {images: faces.embedding}, params.embedding);
		const {generator} = add(generatorTraining, {images: faces.prior}, params.generator);

		// Attack: choose starts, optimize them, keep the most robust.
		const {pool: latents} = add(latentPool, {generator}, params.latentPool);
		const {initial} = add(sampling, {pool: latents, generator, target: targetOf(params.sampling.target).target}, params.sampling);
		const {optimized, history: attackHistory} = add(optimization, {initial, generator, target: targetOf(params.optimization.target).target}, params.optimization);
		const {selected} = add(selection, {optimized, generator, target: targetOf(params.selection.target).target}, params.selection);

		// Judgement: what do the reconstructions show, and what can be learnt from them?
		const reconstructions = (name: string, set: typeof selected) => add(reconstruction, {latents: set, generator, train}, {}, {name}).images;
		const images = reconstructions('reconstruction', selected);
		const candidates = reconstructions('candidate-reconstruction', optimized);
		const {surrogate} = add(surrogateTraining, {reconstructions: params.surrogate.reconstructions === 'selected' ? images : candidates}, params.surrogate);
		const initialImages = reconstructions('initial-reconstruction', initial);
		const {metrics: numbers, nearest, backend} = add(metrics, {
			images,
			candidates,
			initialImages,
			train,
			test,
			target,
			evaluation,
			embedding,
			surrogate,
		}, {});
		const analysed = analyses({add, params}, {train, test, target, generator, latents, initialImages, evaluation, embedding});
		return {metrics: numbers, images, nearest, train, targetHistory, attackHistory, backend, ...analysed};
	},

	compare({add, params, variants}, outputs) {
		checkBaseline(variants, params.comparison.baseline);
		const compared = variants.map(({name, params: {target: {alpha}}}) => ({name, alpha}));
		const {table, csv} = add(comparison, {metrics: outputs.metrics}, {...params.comparison, variants: compared});
		const {page} = add(report, outputs, {
			...params.report,
			baseline: params.comparison.baseline,
			seed: params.seed,
			params: {...params, variants: Object.fromEntries(variants.map(({name, patch}) => [name, patch]))},
			variants: compared,
		});
		return {
			goals: {table, page},
			reports: {'index.html': page, 'results.csv': csv, 'results.json': table},
			onRequest: analysisPages({add, params, variants}, outputs),
		};
	},

	sweep({add, params, paths, points, failed}, {metrics: numbers, images, train, backend}) {
		const valuesOf = ({name, patch}: (typeof points)[number]) => ({name, values: paths.map(path => patch[path])});
		const {table, sensitivity: record, csv, page} = add(sensitivity, {metrics: numbers, images, train, backend}, {
			paths: [...paths],
			points: points.map(point => ({...valuesOf(point), seed: point.params.seed, alpha: point.params.target.alpha})),
			failed: failed.map(point => valuesOf(point)),
			params,
		});
		return {
			goals: {table, page},
			reports: {'index.html': page, 'sensitivity.csv': csv, 'sensitivity.json': record},
		};
	},
});

type Analysed = Readonly<Record<'train' | 'test' | 'initialImages', Ref<typeof imageSet>>> & Readonly<Record<'target' | 'evaluation' | 'embedding', Ref<typeof classifier>>> & {readonly generator: Ref<typeof generatorType>; readonly latents: Ref<typeof latentPoolType>};

type AnalysisParams = {
	readonly tsne: typeof tsne.params.static;
	readonly optimization: typeof optimization.params.static;
	readonly gradientSimilarity: typeof similarityParams.static;
	readonly calibration: typeof calibration.params.static;
};

/** What explains the results of one variant: how its target model arranges people, how steady the attack's gradients are, whether it knows what it knows. */
function analyses({add, params}: Pick<Wiring<AnalysisParams>, 'add' | 'params'>, {train, test, target, generator, latents, initialImages, evaluation, embedding}: Analysed) {
	const {features, backend: featuresBackend} = add(targetFeatures, {target, train}, {});
	const {similarity, backend: similarityBackend} = add(gradientCosines, {pool: latents, generator, target}, {...params.optimization, ...params.gradientSimilarity});
	const {reliability: calibrated, backend: calibrationBackend} = add(calibration, {target, test}, params.calibration);
	return {
		distances: add(featureDistances, {features}, {}).distances,
		projection: add(tsne, {features}, params.tsne).projection,
		start: add(startMetrics, {initialImages, train, evaluation, embedding}, {}).metrics,
		similarity,
		calibrated,
		featuresBackend,
		similarityBackend,
		calibrationBackend,
	};
}

type AnalysisOutputs = {readonly [Key in keyof ReturnType<typeof analyses>]: EachRef<ReturnType<typeof analyses>[Key]['type']>}
	& {readonly metrics: EachRef<typeof attackMetrics>; readonly backend: EachRef<ReturnType<typeof analyses>['featuresBackend']['type']>};

type Ablated = {readonly target?: {readonly alpha?: number}};

type ComparedParams = {
	readonly seed: number;
	readonly comparison: {readonly baseline: string};
	readonly target: {readonly alpha: number};
	readonly sampling: Ablated & {readonly perClass: number};
	readonly optimization: Ablated;
	readonly selection: Ablated & {readonly keepPerClass: number};
};

/** A page for each analysis, delivered when it is asked for by name. */
function analysisPages({add, params, variants}: Omit<Comparing<ComparedParams>, 'folder'>, outputs: AnalysisOutputs): NonNullable<Deliverables['onRequest']> {
	const shared = {
		baseline: params.comparison.baseline,
		variants: variants.map(({name, params: {target: {alpha}}}) => ({name, alpha})),
		seed: params.seed,
		// How the report looks says nothing about these pages.
		params: {...Object.fromEntries(Object.entries(params).filter(([slice]) => slice !== 'report')), variants: Object.fromEntries(variants.map(({name, patch}) => [name, patch]))},
	};
	const deliver = (name: string, {table, csv, page}: Readonly<Record<'table' | 'csv' | 'page', AnyRef>>) => ({
		[name]: {goals: {[`${name}-table`]: table}, reports: {[`${name}.html`]: page, [`${name}.csv`]: csv, [`${name}.json`]: table}},
	});
	const {tables, ...ablations} = add(stageAblations, {metrics: outputs.metrics, start: outputs.start, backend: outputs.backend}, {
		seed: shared.seed,
		params: shared.params,
		runs: variants.map(({name, params: {target, sampling, optimization, selection}}) => ({
			name,
			samplingAlpha: sampling.target?.alpha ?? target.alpha,
			optimizationAlpha: optimization.target?.alpha ?? target.alpha,
			selectionAlpha: selection.target?.alpha ?? target.alpha,
			hasSelection: selection.keepPerClass < sampling.perClass,
		})),
	});
	return {
		...deliver('embedding', add(embeddingAnalysis, {distances: outputs.distances, projection: outputs.projection, backend: outputs.featuresBackend}, shared)),
		...deliver('gradient-similarity', add(gradientSimilarity, {similarity: outputs.similarity, backend: outputs.similarityBackend}, shared)),
		...deliver('reliability', add(reliability, {reliability: outputs.calibrated, backend: outputs.calibrationBackend}, shared)),
		...deliver('stage-ablations', {table: tables, ...ablations}),
	};
}

type Population = Pick<Wiring<typeof datasetParams.static>, 'add' | 'folder' | 'params'>;

/** Drawn people, or those of a folder of photographs. */
function population({add, folder, params}: Population) {
	if (params.kind === 'procedural') {
		const {size} = params;
		const draw = (name: string, who: {identities: number; imagesPerIdentity: number}) => add(proceduralFaces, {}, {...who, size}, {name}).images;
		return {
			private: draw('private-faces', params.private),
			prior: draw('prior-faces', params.prior),
			embedding: draw('embedding-faces', params.embedding),
		};
	}

	const {images} = add(imageFolder, {files: folder(params.path)}, params);
	const people = add(identitySplit, {images}, params);
	return {private: people.private, prior: people.public, embedding: people.public};
}
