import {Type} from '@sinclair/typebox';
import {checkAttackSizes, checkGenerator, importedGeneratorParams, similarityParams} from './attacks/params.ts';
import {datasetParams} from './datasets/params.ts';
import {definePipeline, pick} from './engine/pipeline.ts';
import {comparedImagesParam, fidParams, imageSizeParam} from './metrics/params.ts';
import {ablatedVariants} from './reporting/analyses/ablated-variants.ts';
import {chooseVariants, chosenVariants} from './reporting/variants.ts';
import {machineSpeed} from './stages/05-machine-speed.ts';
import {subsample} from './stages/16-subsample.ts';
import {importedFeatures} from './stages/19-imported-features.ts';
import {targetTraining} from './stages/20-target-training.ts';
import {evaluationTraining} from './stages/22-evaluation-training.ts';
import {embeddingTraining} from './stages/24-embedding-training.ts';
import {generatorTraining} from './stages/30-generator-training.ts';
import {latentPool} from './stages/35-latent-pool.ts';
import {latentMapping} from './stages/36-latent-mapping.ts';
import {sampling} from './stages/40-sampling.ts';
import {optimization} from './stages/50-optimization.ts';
import {selection} from './stages/60-selection.ts';
import {reconstruction} from './stages/65-reconstruction.ts';
import {surrogateTraining} from './stages/70-surrogate-training.ts';
import {metrics} from './stages/80-metrics.ts';
import {tsne} from './stages/82-tsne.ts';
import {comparison} from './stages/85-comparison.ts';
import {calibration} from './stages/86-calibration.ts';
import {sensitivity} from './stages/87-sensitivity.ts';
import {report} from './stages/90-report.ts';
import {embedding as embeddingAnalysis} from './stages/91-embedding.ts';
import {gradientSimilarity} from './stages/92-gradient-similarity.ts';
import {reliability} from './stages/93-reliability.ts';
import {stageAblations} from './stages/94-stage-ablations.ts';
import {study} from './stages/95-study.ts';
import {toyParams} from './toy/params.ts';
import {resolveDefense, targetParams} from './training/defense-params.ts';
import {checkTraining} from './training/params.ts';
import {checkOverride, checkWeights, weightsParams} from './training/weights-params.ts';
import {analyses} from './wiring/analyses.ts';
import {deliver} from './wiring/deliver.ts';
import {distributionJudges, judgement, judgeOf} from './wiring/judges.ts';
import {fromFile, imagePrior} from './wiring/models.ts';
import {people} from './wiring/people.ts';
import {modelsOf} from './wiring/study.ts';
import {toyExample} from './wiring/toy-example.ts';

/** Each stage of the attack sees its own target model: the same one, unless a variant patches `sampling.target` and the like. */
const targetOverride = {target: Type.Optional(Type.Partial(targetParams, {description: 'Attack this target model instead, in this stage only.'}))};

/** The paper trains the surrogate on the selected reconstructions only; here all optimized ones are the default, since there are few. */
const learnsFrom = Type.Object({
	reconstructions: Type.Union([Type.Literal('candidates'), Type.Literal('selected')], {description: 'What the surrogate learns from: "candidates", all optimized reconstructions, or "selected", those that selection kept.'}),
});

/** The judges see real people and reconstructions at a size of their own, made from the photographs and the generator's images themselves. */
const imageSize = Type.Object({imageSize: imageSizeParam});

/** The experiment: train a target model with label smoothing, attack it, and measure what the attack extracted. */
export default definePipeline({
	speed: machineSpeed,

	params: {
		dataset: datasetParams,
		subsample: subsample.params,
		target: targetParams,
		evaluation: Type.Composite([evaluationTraining.params, weightsParams, imageSize]),
		embedding: Type.Composite([embeddingTraining.params, Type.Omit(weightsParams, ['initial']), imageSize]),
		generator: generatorTraining.params,
		importedGenerator: Type.Optional(importedGeneratorParams),
		latentPool: Type.Composite([latentPool.params, latentMapping.params]),
		sampling: Type.Composite([sampling.params, Type.Object(targetOverride)]),
		optimization: Type.Composite([optimization.params, Type.Object(targetOverride)]),
		selection: Type.Composite([selection.params, Type.Object(targetOverride)]),
		surrogate: Type.Composite([surrogateTraining.params, learnsFrom, Type.Pick(weightsParams, ['initial'])]),
		tsne: tsne.params,
		gradientSimilarity: similarityParams,
		calibration: calibration.params,
		metrics: Type.Optional(Type.Composite([metrics.params, fidParams, comparedImagesParam])),
		comparison: Type.Composite([Type.Omit(comparison.params, ['variants']), chosenVariants]),
		report: Type.Omit(report.params, ['variants', 'baseline', 'seed', 'params']),
		toy: toyParams,
	},

	variant({add, folder, file, params}) {
		checkAttackSizes(params);
		checkGenerator(params);
		for (const name of ['target', 'evaluation', 'embedding', 'surrogate'] as const) {
			checkTraining(name, params[name]);
			checkWeights(name, params[name]);
		}

		for (const name of ['sampling', 'optimization', 'selection'] as const) {
			checkOverride(name, params.target, params[name].target);
		}

		// Data: private people, whom the target model knows; public people, whom the attacker may see. All models see the same images, each at its own size.
		const {size} = params.dataset;
		const sized = (wanted = size) => people({add, folder, params}, wanted);
		const {train, compared, test, prior} = sized();
		const evaluated = sized(params.evaluation.imageSize);
		const embedded = sized(params.embedding.imageSize);

		// Models: the target that is attacked, two judges it never meets, and the image prior of the attacker.
		const targetOf = (override: object = {}) => {
			const wanted = resolveDefense({...params.target, ...override});
			const ready = fromFile({add, file, params: wanted}, 'target', {train, test});
			return ready ? {target: ready.model, history: ready.history} : add(targetTraining, {train}, wanted);
		};

		const {target, history: targetHistory} = targetOf();
		const evaluation = fromFile({add, file, params: params.evaluation}, 'evaluation', {train: evaluated.pool, test: evaluated.test})?.model ?? add(evaluationTraining, {train: evaluated.pool}, params.evaluation).evaluation;
		const embedding = params.embedding.weights === undefined
			? add(embeddingTraining, {images: embedded.embedding()}, params.embedding).embedding
			: add(importedFeatures, {weights: file(params.embedding.weights), images: embedded.compared}, params.embedding, {name: 'embedding-import'}).model;
		const {generator, toSearched} = imagePrior({add, file, params}, prior);

		// Attack: choose starts, optimize them, keep the most robust.
		const latents = toSearched(add(latentPool, {generator}, params.latentPool).pool);
		const {initial} = add(sampling, {pool: latents, generator, target: targetOf(params.sampling.target).target}, params.sampling);
		const {optimized, history: attackHistory} = add(optimization, {initial, generator, target: targetOf(params.optimization.target).target}, params.optimization);
		const {selected} = add(selection, {optimized, generator, target: targetOf(params.selection.target).target}, params.selection);

		// Judgement: what do the reconstructions show, and what can be learnt from them?
		const reconstructions = (name: string, set: typeof selected) => add(reconstruction, {latents: set, generator, train}, {}, {name}).images;
		const images = reconstructions('reconstruction', selected);
		const lessons = params.surrogate.reconstructions === 'selected' ? images : reconstructions('candidate-reconstruction', optimized);
		const surrogate = fromFile({add, file, params: params.surrogate}, 'surrogate', {train: lessons, test})?.model ?? add(surrogateTraining, {reconstructions: lessons}, params.surrogate).surrogate;
		const attack = {generator, latents: {initial, optimized, selected}};
		const judges = {
			evaluation: judgeOf(add, 'evaluation', attack, {model: evaluation, compared: evaluated.compared, answers: ['logits', 'features']}),
			embedding: judgeOf(add, 'embedding', attack, {model: embedding, compared: embedded.compared, answers: ['features']}),
		};
		const distributions = distributionJudges({add, file, params}, {evaluation: judges.evaluation, model: evaluation, compared: evaluated.compared, comparedAt: wanted => sized(wanted).compared, attack});
		const judged = judgement({add, params}, {...judges, ...distributions, target, surrogate, train, compared, test});
		const analysed = analyses({add, params}, {train, test, target, generator, latents});
		return {...judged, ...analysed, images, train, compared, targetHistory, attackHistory};
	},

	compare({add, params, variants}, outputs) {
		// No page changes with the toy example, and only that of the report with how it looks.
		const {toy, report: look, ...own} = params;
		const chosen = chooseVariants(variants, params.comparison);
		const some = pick(outputs, chosen.map(({name}) => name));
		const shared = {
			baseline: params.comparison.baseline,
			variants: chosen.map(({name, params: {target}}) => ({name, alpha: resolveDefense(target).alpha})),
			seed: params.seed,
			params: {...own, variants: Object.fromEntries(variants.map(({name, patch}) => [name, patch]))},
		};
		const {table, csv} = add(comparison, some, {...(params.comparison.advantage && {advantage: params.comparison.advantage}), ...shared});
		const {page} = add(report, some, {...look, ...shared, params: {...shared.params, report: look}});
		const analysed = {
			embedding: deliver('embedding', add(embeddingAnalysis, {...some, backend: some.featuresBackend}, shared)),
			'gradient-similarity': deliver('gradient-similarity', add(gradientSimilarity, {...some, backend: some.similarityBackend}, shared)),
			reliability: deliver('reliability', add(reliability, {...some, backend: some.reliabilityBackend}, shared)),
		};
		const models = variants.map(variant => modelsOf(variant));
		const ablated = [...ablatedVariants(models)];
		const {tables: ablations, ...ablationFiles} = add(stageAblations, pick(outputs, ablated.map(({name}) => name)), {...shared, runs: ablated});
		const {distances, projection, similarity, reliability: calibrated} = some;
		const {tables, ...studyFiles} = add(study, {...outputs, distances, projection, similarity, reliability: calibrated}, {...shared, studied: models});
		const studied = deliver('study', {table: tables, ...studyFiles});
		return {
			goals: {table, page},
			reports: {'index.html': page, 'results.csv': csv, 'results.json': table},
			onRequest: {
				...analysed,
				'stage-ablations': deliver('stage-ablations', {table: ablations, ...ablationFiles}),
				study: {goals: studied.goals, reports: {...studied.reports, ...analysed.embedding.reports, ...analysed['gradient-similarity'].reports, ...analysed.reliability.reports}},
				toy: toyExample(add, toy),
			},
		};
	},

	sweep({add, params: {toy, ...params}, paths, points, failed}, {metrics: numbers, images, train, backend}) {
		const valuesOf = ({name, patch}: (typeof points)[number]) => ({name, values: paths.map(path => patch[path])});
		const {table, sensitivity: record, csv, page} = add(sensitivity, {metrics: numbers, images, train, backend}, {
			...(params.comparison.advantage && {advantage: params.comparison.advantage}),
			paths: [...paths],
			points: points.map(point => ({...valuesOf(point), seed: point.params.seed, alpha: resolveDefense(point.params.target).alpha})),
			failed: failed.map(point => valuesOf(point)),
			params,
		});
		return {
			goals: {table, page},
			reports: {'index.html': page, 'sensitivity.csv': csv, 'sensitivity.json': record},
		};
	},
});
