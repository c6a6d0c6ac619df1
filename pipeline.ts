import {Type} from '@sinclair/typebox';
import type {classifier} from './artifacts/classifier.ts';
import type {generator as generatorType} from './artifacts/generator.ts';
import type {imageSet} from './artifacts/image-set.ts';
import type {latentPool as latentPoolType, latentSet} from './artifacts/latents.ts';
import {
	checkAttackSizes, checkGenerator, importedGeneratorParams, similarityParams,
} from './attacks/params.ts';
import {datasetParams} from './datasets/params.ts';
import type {AnyArtifactType} from './engine/artifact.ts';
import {UserError} from './engine/error.ts';
import {definePipeline, pick, type Add, type AddOptions, type AnyRef, type Comparing, type EachRef, type Ref, type Wiring} from './engine/pipeline.ts';
import {fidImageSize, fidParams, imageSizeParam} from './metrics/params.ts';
import {ablatedVariants} from './reporting/analyses/ablated-variants.ts';
import {chooseVariants, chosenVariants} from './reporting/variants.ts';
import {machineSpeed} from './stages/05-machine-speed.ts';
import {proceduralFaces} from './stages/10-procedural-faces.ts';
import {imageFolder} from './stages/11-image-folder.ts';
import {celebA} from './stages/11-celeba.ts';
import {celebA64} from './stages/11-celeba-64.ts';
import {faceScrub} from './stages/11-facescrub.ts';
import {identitySplit} from './stages/12-identity-split.ts';
import {imageSplit} from './stages/14-image-split.ts';
import {subsample} from './stages/16-subsample.ts';
import {importedClassifier} from './stages/18-imported-classifier.ts';
import {importedFeatures} from './stages/19-imported-features.ts';
import {importedWeights} from './stages/19-imported-weights.ts';
import {targetTraining} from './stages/20-target-training.ts';
import {fineTuning} from './stages/21-fine-tuning.ts';
import {evaluationTraining} from './stages/22-evaluation-training.ts';
import {embeddingTraining} from './stages/24-embedding-training.ts';
import {generatorTraining} from './stages/30-generator-training.ts';
import {importedGenerator} from './stages/32-imported-generator.ts';
import {latentPool} from './stages/35-latent-pool.ts';
import {latentMapping} from './stages/36-latent-mapping.ts';
import {sampling} from './stages/40-sampling.ts';
import {optimization} from './stages/50-optimization.ts';
import {selection} from './stages/60-selection.ts';
import {reconstruction} from './stages/65-reconstruction.ts';
import {surrogateTraining} from './stages/70-surrogate-training.ts';
import {imagePredictions} from './stages/72-image-predictions.ts';
import {latentPredictions} from './stages/73-latent-predictions.ts';
import {startMetrics} from './stages/79-start-metrics.ts';
import {metrics} from './stages/80-metrics.ts';
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
import {study} from './stages/95-study.ts';
import {toyBlobs} from './stages/96-toy-blobs.ts';
import {toyTraining} from './stages/97-toy-training.ts';
import {toyInversion} from './stages/98-toy-inversion.ts';
import {toyFigure} from './stages/99-toy-figure.ts';
import {checkToy, toyParams} from './toy/params.ts';
import {resolveDefense, targetParams} from './training/defense-params.ts';
import {checkTraining, type trainingParams} from './training/params.ts';
import {checkOverride, checkWeights, weightsParams} from './training/weights-params.ts';

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
		metrics: Type.Optional(Type.Composite([metrics.params, fidParams])),
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
		const {train, test, prior} = sized();
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
			: add(importedFeatures, {weights: file(params.embedding.weights), images: embedded.train}, params.embedding, {name: 'embedding-import'}).model;
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
			evaluation: judgeOf(add, 'evaluation', attack, {model: evaluation, train: evaluated.train, answers: ['logits', 'features']}),
			embedding: judgeOf(add, 'embedding', attack, {model: embedding, train: embedded.train, answers: ['features']}),
		};
		const distributions = distributionJudges({add, file, params}, {evaluation: judges.evaluation, model: evaluation, train: evaluated.train, trainAt: wanted => sized(wanted).train, attack});
		const judged = judgement({add, params}, {...judges, ...distributions, target, surrogate, train, test});
		const analysed = analyses({add, params}, {train, test, target, generator, latents});
		return {...judged, ...analysed, images, train, targetHistory, attackHistory};
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

type FromFile = Pick<Wiring<typeof trainingParams.static & typeof weightsParams.static>, 'add' | 'file' | 'params'>;

/** A model made of weights from a file, or trained on from such; nothing where it is trained from the beginning. */
function fromFile({add, file, params}: FromFile, name: string, {train, test}: Readonly<Record<'train' | 'test', Ref<typeof imageSet>>>) {
	const {weights, initial} = params;
	if (weights !== undefined) {
		return add(importedClassifier, {weights: file(weights), test}, params, {name: `${name}-import`});
	}

	if (initial !== undefined) {
		const {model} = add(importedWeights, {weights: file(initial), images: train}, params, {name: `${name}-initial`});
		return add(fineTuning, {train, initial: model}, params, {name: `${name}-training`});
	}

	return undefined;
}

/** What an attack made, and what makes images of it. */
type Reconstructed = {readonly generator: Ref<typeof generatorType>; readonly latents: Readonly<Record<'initial' | 'optimized' | 'selected', Ref<typeof latentSet>>>};
type Answers = Array<'logits' | 'features'>;
type Asked = {readonly model: Ref<typeof classifier>; readonly train: Ref<typeof imageSet>; readonly answers: Answers; readonly input?: 'standard' | 'official'};

/** What a judge says of training images and of reconstructions, at the size that it reads. */
function judgeOf(add: Add, name: string, {generator, latents}: Reconstructed, {model, train, answers, ...input}: Asked) {
	const of = (set: keyof typeof latents, keep: Answers, nodeName = name) => add(latentPredictions, {model, latents: latents[set], generator}, {keep, ...input}, {name: `${nodeName}-on-${set}`});
	return {
		/** Its features: the same for all attacks that share the training images. */
		train: add(imagePredictions, {model, images: train}, {keep: ['features'], ...input}, {name: `${name}-on-train`}).predictions,
		selected: of('selected', answers),
		of,
	};
}

type Judge = ReturnType<typeof judgeOf>;
type DistributionParams = {readonly metrics?: typeof fidParams.static};
type DistributionJudges = {readonly evaluation: Judge; readonly model: Ref<typeof classifier>; readonly train: Ref<typeof imageSet>; readonly trainAt: (size: number) => Ref<typeof imageSet>; readonly attack: Reconstructed};

/** Who compares distributions: the published network of the FID where there is a file of it, otherwise the evaluation model. Only the FID's may look at images that were normalised twice. */
function distributionJudges({add, file, params: {metrics: {fid, fidInput} = {}}}: Pick<Wiring<DistributionParams>, 'add' | 'file' | 'params'>, {evaluation, model, train, trainAt, attack}: DistributionJudges): Readonly<Record<'fid' | 'fidelity', Judge>> {
	const isOfficial = fidInput === 'official';
	const input = isOfficial && {input: fidInput};
	if (fid) {
		const images = trainAt(fid.imageSize ?? fidImageSize);
		const {model: network} = add(importedFeatures, {weights: file(fid.weights), images}, {architecture: 'fid_inception_v3'}, {name: 'fid-import'});
		const judge = judgeOf(add, 'fid', attack, {model: network, train: images, answers: ['features'], ...input});
		return {fid: judge, fidelity: judge};
	}

	return {fid: isOfficial ? judgeOf(add, 'fid', attack, {model, train, answers: ['features'], ...input}) : evaluation, fidelity: evaluation};
}

type Judged = Readonly<Record<'evaluation' | 'embedding' | 'fid' | 'fidelity', Judge>> & Readonly<Record<'target' | 'surrogate', Ref<typeof classifier>>> & Readonly<Record<'train' | 'test', Ref<typeof imageSet>>>;

/** Every number of one attack, and what to show beside the pictures. */
function judgement({add, params}: Pick<Wiring<{readonly metrics?: typeof metrics.params.static}>, 'add' | 'params'>, {evaluation, embedding, fid, fidelity, target, surrogate, train, test}: Judged) {
	const on = (name: string, model: Ref<typeof classifier>, images: Ref<typeof imageSet>) => add(imagePredictions, {model, images}, {keep: ['logits']}, {name}).predictions;
	const {metrics: numbers, nearest} = add(metrics, {
		targetTest: on('target-on-test', target, test),
		targetTrain: on('target-on-train', target, train),
		surrogateTest: on('surrogate-on-test', surrogate, test),
		surrogateTrain: on('surrogate-on-train', surrogate, train),
		selected: evaluation.selected.predictions,
		optimized: evaluation.of('optimized', ['logits']).predictions,
		initial: evaluation.of('initial', ['logits']).predictions,
		train: evaluation.train,
		selectedFaces: embedding.selected.predictions,
		trainFaces: embedding.train,
		fidSelected: fid.selected.predictions,
		fidTrain: fid.train,
		fidelitySelected: fidelity.selected.predictions,
		fidelityTrain: fidelity.train,
	}, params.metrics ?? {});
	const start = add(startMetrics, {
		initial: evaluation.of('initial', ['logits']).predictions,
		initialFeatures: evaluation.of('initial', ['features'], 'evaluation-features').predictions,
		train: evaluation.train,
		initialFaces: embedding.of('initial', ['features']).predictions,
		trainFaces: embedding.train,
	}, {});
	return {metrics: numbers, nearest, backend: evaluation.selected.backend, start: start.metrics};
}

type Analysed = Readonly<Record<'train' | 'test', Ref<typeof imageSet>>> & {readonly target: Ref<typeof classifier>; readonly generator: Ref<typeof generatorType>; readonly latents: Ref<typeof latentPoolType>};

type AnalysisParams = {
	readonly tsne: typeof tsne.params.static;
	readonly optimization: typeof optimization.params.static;
	readonly gradientSimilarity: typeof similarityParams.static;
	readonly calibration: typeof calibration.params.static;
};

/** What explains the results of one variant: how its target model arranges people, how steady the attack's gradients are, whether it knows what it knows. */
function analyses({add, params}: Pick<Wiring<AnalysisParams>, 'add' | 'params'>, {train, test, target, generator, latents}: Analysed) {
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

/** What is delivered when it is asked for by name: a table for the terminal, and files. */
function deliver(name: string, {table, csv, page}: Readonly<Record<'table' | 'csv' | 'page', AnyRef>>) {
	return {goals: {[`${name}-table`]: table}, reports: {[`${name}.html`]: page, [`${name}.csv`]: csv, [`${name}.json`]: table}};
}

type Ablated = {readonly target?: {readonly alpha?: number}};

type StudiedParams = {
	readonly subsample: {readonly perClass: number};
	readonly target: typeof targetParams.static;
	readonly sampling: Ablated & {readonly perClass: number};
	readonly optimization: Ablated;
	readonly selection: Ablated & {readonly keepPerClass: number};
};

/** What a variant changes, and the smoothing factors of the models that its stages look at. */
function modelsOf({name, patch, params: {subsample: {perClass}, target, sampling, optimization, selection}}: Comparing<StudiedParams>['variants'][number]) {
	const {alpha} = resolveDefense(target);
	return {
		name,
		alpha,
		samples: perClass,
		patch,
		samplingAlpha: sampling.target?.alpha ?? alpha,
		optimizationAlpha: optimization.target?.alpha ?? alpha,
		selectionAlpha: selection.target?.alpha ?? alpha,
		hasSelection: selection.keepPerClass < sampling.perClass,
	};
}

type PriorParams = {
	readonly generator: typeof generatorTraining.params.static;
	readonly importedGenerator?: typeof importedGeneratorParams.static;
	readonly latentPool: typeof latentMapping.params.static;
};

/** The image prior, and how latents drawn for it become vectors of the space that the attack searches. */
function imagePrior({add, file, params}: Pick<Wiring<PriorParams>, 'add' | 'file' | 'params'>, images: () => Ref<typeof imageSet>) {
	if (!params.importedGenerator) {
		const {generator} = add(generatorTraining, {images: images()}, params.generator);
		return {generator, toSearched: (pool: Ref<typeof latentPoolType>) => pool};
	}

	const {weights, crop, resize} = params.importedGenerator;
	const {generator} = add(importedGenerator, {weights: file(weights)}, {crop, resize});
	return {generator, toSearched: (pool: Ref<typeof latentPoolType>) => add(latentMapping, {pool, generator}, params.latentPool).pool};
}

type PopulationParams = {readonly dataset: typeof datasetParams.static; readonly subsample: typeof subsample.params.static};
type Population = Readonly<Record<'train' | 'test', Ref<typeof imageSet>>> & Readonly<Record<'prior' | 'embedding', () => Ref<typeof imageSet>>>;

/** Everybody at a size: the private people as training pool, what the target model is trained on of it, and test images, chosen alike at every size; the public people where somebody asks for them. */
function people({add, folder, params: {dataset, subsample: chosen}}: Pick<Wiring<PopulationParams>, 'add' | 'folder' | 'params'>, size: number) {
	// Another size is another node, which draws the same numbers.
	const named = (name: string) => ({name: size === dataset.size ? name : `${name}-${size}`, seedName: name});
	const {train: pool, test, prior, embedding} = population({add, folder, params: {...dataset, size}}, named);
	return {pool, test, train: add(subsample, {train: pool}, chosen, named('subsample')).subset, prior, embedding};
}

/** Training and test images of private people, and public ones as far as there are any: drawn, from a folder of photographs, or of a published data set. */
function population({add, folder, params}: Pick<Wiring<typeof datasetParams.static>, 'add' | 'folder' | 'params'>, named: (name: string) => AddOptions): Population {
	const nobody = {prior: () => noPublicPeople('importedGenerator'), embedding: () => noPublicPeople('embedding.weights')};
	const split = (images: Ref<typeof imageSet>, how: typeof imageSplit.params.static) => add(imageSplit, {images}, how, named('image-split'));
	switch (params.kind) {
		case 'procedural': {
			const {size} = params;
			const draw = (name: 'private' | 'prior' | 'embedding') => add(proceduralFaces, {}, {...params[name], size}, named(`${name}-faces`)).images;
			return {...split(draw('private'), params), prior: () => draw('prior'), embedding: () => draw('embedding')};
		}

		case 'folder': {
			const {images} = add(imageFolder, {files: folder(params.path)}, params, named('image-folder'));
			const people = add(identitySplit, {images}, params, named('identity-split'));
			return {...split(people.private, params), prior: () => people.public, embedding: () => people.public};
		}

		case 'facescrub': {
			return {...split(add(faceScrub, {files: folder(params.path)}, params, named('facescrub')).images, params), ...nobody};
		}

		case 'celeba': {
			return {...split(add(celebA, {files: folder(params.path)}, params, named('celeba')).images, params), ...nobody};
		}

		case 'celeba-64': {
			const {prior, ...faces} = add(celebA64, {files: folder(params.path)}, params, named('celeba-64'));
			return {...faces, ...nobody, prior: () => prior};
		}
	}
}

function noPublicPeople(param: string): never {
	throw new UserError('no-public-people', 'Nobody in this data set is public, so nothing can be trained on public people', {
		hint: `Name a file in "${param}", as the paper's attacker does, who took models that others had trained.`,
	});
}

/** The toy example of the paper (Fig. 1), which shares nothing with the experiment: points in the plane, one small network per smoothing factor, and an attack on each. */
function toyExample(add: Add, params: typeof toyParams.static) {
	checkToy(params);
	const {data, training, inversion: attack, figure, alphas} = params;
	const {points} = add(toyBlobs, {}, data);
	const models = alphas.map(alpha => {
		const name = `alpha=${alpha}`;
		const {network, history} = add(toyTraining, {points}, {...training, alpha, numClasses: data.centres.length}, {name: `toy-training@${name}`});
		const {inversion} = add(toyInversion, {network, points}, attack, {name: `toy-inversion@${name}`});
		return {name, alpha, network, history, inversion};
	});
	const all = <Type extends AnyArtifactType>(refOf: (model: (typeof models)[number]) => Ref<Type>): EachRef<Type> =>
		({ref: 'each', variants: Object.fromEntries(models.map(model => [model.name, refOf(model)]))});
	const {table, csv, record, page} = add(toyFigure, {
		points,
		network: all(({network}) => network),
		history: all(({history}) => history),
		inversion: all(({inversion}) => inversion),
	}, {figure, models: models.map(({name, alpha}) => ({name, alpha})), settings: {data, training, inversion: attack}});
	return {
		goals: {toy: table},
		reports: {'toy/index.html': page, 'toy/results.csv': csv, 'toy/results.json': record},
	};
}
