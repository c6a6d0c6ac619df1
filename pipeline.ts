import {Type} from '@sinclair/typebox';
import {checkAttackSizes} from './attacks/params.ts';
import {datasetParams} from './datasets/params.ts';
import type {AnyArtifactType} from './engine/artifact.ts';
import {definePipeline, type Add, type EachRef, type Ref, type Wiring} from './engine/pipeline.ts';
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
import {metrics} from './stages/80-metrics.ts';
import {comparison} from './stages/85-comparison.ts';
import {sensitivity} from './stages/87-sensitivity.ts';
import {report} from './stages/90-report.ts';
import {toyBlobs} from './stages/96-toy-blobs.ts';
import {toyTraining} from './stages/97-toy-training.ts';
import {toyInversion} from './stages/98-toy-inversion.ts';
import {toyFigure} from './stages/99-toy-figure.ts';
import {checkToy, toyParams} from './toy/params.ts';
import {resolveDefense, targetParams} from './training/defense-params.ts';
import {checkTraining} from './training/params.ts';

/** Each stage of the attack sees its own target model: the same one, unless a variant patches `sampling.target` and the like. */
const targetOverride = {target: Type.Optional(Type.Partial(targetParams, {description: 'Attack this target model instead, in this stage only.'}))};

/** The experiment: train a target model with label smoothing, attack it, and measure what the attack extracted. */
export default definePipeline({
	params: {
		dataset: datasetParams,
		subsample: subsample.params,
		target: targetParams,
		evaluation: evaluationTraining.params,
		embedding: embeddingTraining.params,
		generator: generatorTraining.params,
		latentPool: latentPool.params,
		sampling: Type.Composite([sampling.params, Type.Object(targetOverride)]),
		optimization: Type.Composite([optimization.params, Type.Object(targetOverride)]),
		selection: Type.Composite([selection.params, Type.Object(targetOverride)]),
		surrogate: surrogateTraining.params,
		metrics: Type.Optional(metrics.params),
		comparison: Type.Omit(comparison.params, ['variants']),
		report: Type.Omit(report.params, ['variants', 'baseline', 'seed', 'params']),
		toy: toyParams,
	},

	variant({add, folder, params}) {
		checkAttackSizes(params);
		for (const name of ['target', 'evaluation', 'embedding', 'surrogate'] as const) {
			checkTraining(name, params[name]);
		}

		// Data: private people, whom the target model knows; public people, whom the attacker may see.
		const faces = population({add, folder, params: params.dataset});
		const {train: pool, test} = add(imageSplit, {images: faces.private}, params.dataset);
		const {subset: train} = add(subsample, {train: pool}, params.subsample);

		// Models: the target that is attacked, two judges it never meets, and the image prior of the attacker.
		const targetOf = (override: object = {}) => add(targetTraining, {train}, resolveDefense({...params.target, ...override}));
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
		const {surrogate} = add(surrogateTraining, {reconstructions: candidates}, params.surrogate);
		const {metrics: numbers, nearest, backend} = add(metrics, {
			images,
			candidates,
			initialImages: reconstructions('initial-reconstruction', initial),
			train,
			test,
			target,
			evaluation,
			embedding,
			surrogate,
		}, params.metrics ?? {});
		return {metrics: numbers, images, nearest, train, targetHistory, attackHistory, backend};
	},

	compare({add, params, variants}, outputs) {
		checkBaseline(variants, params.comparison.baseline);
		// The page of the experiment does not change with the toy example.
		const {toy, ...own} = params;
		const compared = variants.map(({name, params: {target}}) => ({name, alpha: resolveDefense(target).alpha}));
		const {table, csv} = add(comparison, {metrics: outputs.metrics}, {...params.comparison, variants: compared});
		const {page} = add(report, outputs, {
			...params.report,
			baseline: params.comparison.baseline,
			seed: params.seed,
			params: {...own, variants: Object.fromEntries(variants.map(({name, patch}) => [name, patch]))},
			variants: compared,
		});
		return {
			goals: {table, page},
			reports: {'index.html': page, 'results.csv': csv, 'results.json': table},
			onRequest: {toy: toyExample(add, toy)},
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
