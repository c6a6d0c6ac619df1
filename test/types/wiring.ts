/** Checked by `tsc`, never run: every line after an expected error must not compile. */
import {Type} from '@sinclair/typebox';
import {jsonArtifact} from '../../engine/artifact.ts';
import {definePipeline} from '../../engine/pipeline.ts';
import {defineStage, each, files} from '../../engine/stage.ts';

const latentSet = jsonArtifact<readonly number[]>()('latent-set');
const classifier = jsonArtifact<{readonly weights: readonly number[]}>()('classifier');
/** The same value as a latent set, but of another kind. */
const nearest = jsonArtifact<readonly number[]>()('nearest');

const training = defineStage({
	name: 'training',
	inputs: {folder: files},
	params: Type.Object({alpha: Type.Number(), epochs: Type.Integer()}),
	outputs: {model: classifier, losses: nearest},
	run: ({folder}, {alpha, epochs}) => ({model: {weights: [alpha, epochs]}, losses: [folder.files.length]}),
});

const sampling = defineStage({
	name: 'sampling',
	inputs: {model: classifier},
	params: Type.Object({candidates: Type.Integer()}),
	outputs: {latents: latentSet},
	run: ({model}, {candidates}) => ({latents: model.weights.map(weight => weight * candidates)}),
});

const comparison = defineStage({
	name: 'comparison',
	inputs: {sets: each(latentSet), reference: latentSet},
	params: Type.Object({}),
	outputs: {table: nearest},
	run: ({sets, reference}) => ({table: Object.values(sets).map(set => set.length - reference.length)}),
});

const use = (value: unknown) => value;

export const counting = defineStage({
	name: 'counting',
	inputs: {},
	params: Type.Object({}),
	outputs: {lengths: latentSet},
	threads: {lengthOf: async (text: string) => text.length},
	async run(_, __, {threads}) {
		const lengths: number[] = [];
		for await (const length of threads.lengthOf(['one', 'two'])) {
			lengths.push(length);

			// @ts-expect-error: a result of another type
			use(length.text);
		}

		// @ts-expect-error: a job of another type
		use(threads.lengthOf([3]));

		// @ts-expect-error: a function that is not declared
		use(threads.widthOf);

		return {lengths};
	},
});

/** What follows from the declarations needs no annotation. */
export default definePipeline({
	params: {training: training.params, sampling: sampling.params},
	variant({add, folder, params}) {
		const trained = add(training, {folder: folder('data')}, params.training);
		const {latents} = add(sampling, {model: trained.model}, params.sampling);

		// @ts-expect-error: an artifact of another kind
		add(sampling, {model: latents}, params.sampling);

		// @ts-expect-error: another kind whose value has the same type
		add(comparison, {sets: {ref: 'each', variants: {}}, reference: trained.losses}, {});

		// @ts-expect-error: a forgotten input
		add(sampling, {}, params.sampling);

		// @ts-expect-error: an input that is not declared
		add(sampling, {model: trained.model, latents}, params.sampling);

		// @ts-expect-error: an artifact where a folder is expected
		add(training, {folder: latents}, params.training);

		// @ts-expect-error: a folder where an artifact is expected
		add(sampling, {model: folder('data')}, params.sampling);

		// @ts-expect-error: the slice of another stage
		add(sampling, {model: trained.model}, params.training);

		// @ts-expect-error: all slices in place of one
		add(sampling, {model: trained.model}, params);

		// @ts-expect-error: a slice with a param too few
		add(training, {folder: folder('data')}, {alpha: 0});

		// @ts-expect-error: a param of another type
		add(sampling, {model: trained.model}, {candidates: '5'});

		// @ts-expect-error: a param that is not declared
		add(sampling, {model: trained.model}, {candidates: 5, steps: 1});

		// @ts-expect-error: an output that the stage does not have
		use(trained.weights);

		// @ts-expect-error: a slice that the pipeline does not have
		use(params.optimization);

		return {latents, model: trained.model};
	},
	compare({add, folder, params, variants}, {latents, model}) {
		const {variants: {only}} = latents;

		// @ts-expect-error: every variant's artifact where one is expected
		add(sampling, {model}, params.sampling);

		// @ts-expect-error: one artifact where every variant's is expected
		add(comparison, {sets: only!, reference: only!}, {});

		// @ts-expect-error: every variant's artifact of another kind
		add(comparison, {sets: model, reference: only!}, {});

		// @ts-expect-error: a record of artifacts where the same artifact of every variant is expected
		add(comparison, {sets: {only: only!}, reference: only!}, {});

		// @ts-expect-error: a folder where every variant's artifact is expected
		add(comparison, {sets: folder('data'), reference: only!}, {});

		// @ts-expect-error: the comparison looks at all variants, its params are no variant's own
		use(params.alpha);

		// @ts-expect-error: an artifact that the variants do not hand on
		use(latents.losses);

		const {table} = add(comparison, {sets: latents, reference: only!}, {});
		use(variants.map(({name, patch, params: {training: {alpha}}}) => [name.length, patch['training.alpha'], alpha.toFixed(2)]));
		return {goals: {table}, reports: {'table.json': table}};
	},
	sweep({add, points, failed}, {latents}) {
		const {variants: {only}} = latents;

		// @ts-expect-error: one artifact where every point's is expected
		add(comparison, {sets: only!, reference: only!}, {});

		// @ts-expect-error: a slice that the pipeline does not have
		use(points[0]!.params.optimization);

		// @ts-expect-error: an artifact of a point that failed
		use(failed[0]!.latents);

		const {table} = add(comparison, {sets: latents, reference: only!}, {});
		return {goals: {table}};
	},
});

export const wrongOutputType = defineStage({
	name: 'wrong-output-type',
	inputs: {},
	params: Type.Object({}),
	outputs: {latents: latentSet},
	// @ts-expect-error: texts where numbers are declared
	run: () => ({latents: ['one']}),
});

export const forgottenOutput = defineStage({
	name: 'forgotten-output',
	inputs: {},
	params: Type.Object({}),
	outputs: {latents: latentSet, model: classifier},
	// @ts-expect-error: an output that is not returned
	run: () => ({latents: [1]}),
});

export const lateOutput = defineStage({
	name: 'late-output',
	inputs: {},
	params: Type.Object({}),
	outputs: {latents: latentSet},
	// @ts-expect-error: the same mistake behind a promise
	run: async () => ({latents: [await Promise.resolve('one')]}),
});

export const unknownInput = defineStage({
	name: 'unknown-input',
	inputs: {model: classifier},
	params: Type.Object({}),
	outputs: {latents: latentSet},
	// @ts-expect-error: an input that is not declared
	run: ({generator}) => ({latents: [generator]}),
});

export const unknownParam = defineStage({
	name: 'unknown-param',
	inputs: {},
	params: Type.Object({steps: Type.Integer()}),
	outputs: {latents: latentSet},
	// @ts-expect-error: a param that is not declared
	run: (_, {candidates}) => ({latents: [candidates]}),
});

export const eachAsOne = defineStage({
	name: 'each-as-one',
	inputs: {sets: each(latentSet)},
	params: Type.Object({}),
	outputs: {latents: latentSet},
	// @ts-expect-error: a record of sets where one set is expected
	run: ({sets}) => ({latents: sets}),
});

export const noGoals = definePipeline({
	params: {},
	variant: () => ({}),
	// @ts-expect-error: a pipeline has goals
	compare: () => ({reports: {}}),
});

export const extraOutput = defineStage({
	name: 'extra-output',
	inputs: {},
	params: Type.Object({}),
	outputs: {latents: latentSet},
	run() {
		const returned = {latents: [1], model: {weights: [1]}};

		// @ts-expect-error: an output that is not declared is not handed on
		use(extraOutputs.model);

		return returned;
	},
});

declare const extraOutputs: Awaited<ReturnType<typeof extraOutput.run>>;

export const wrongKindOfOutput = defineStage({
	name: 'wrong-kind-of-output',
	inputs: {},
	params: Type.Object({}),
	outputs: {model: classifier},
	// @ts-expect-error: numbers where a model is declared
	run: () => ({model: [1, 2]}),
});

export const anotherEach = defineStage({
	name: 'another-each',
	inputs: {models: each(classifier)},
	params: Type.Object({}),
	outputs: {latents: latentSet},
	// @ts-expect-error: what every variant hands on is a model, not a set
	run: ({models}) => ({latents: Object.values(models).flat()}),
});

export const fileMisuse = defineStage({
	name: 'file-misuse',
	inputs: {folder: files},
	params: Type.Object({}),
	outputs: {latents: latentSet},
	// @ts-expect-error: a list of files where numbers are declared
	run: ({folder}) => ({latents: folder.files}),
});

export const contextMisuse = defineStage({
	name: 'context-misuse',
	inputs: {model: classifier},
	params: Type.Object({}),
	outputs: {latents: latentSet},
	async run({model}, _, context) {
		// @ts-expect-error: a seed is a text, for a stream of random numbers
		use(context.seed * 2);

		// @ts-expect-error: a stage does not choose its seed
		context.seed = 'mine';

		// @ts-expect-error: progress counts
		await context.onStep('one', 'two');

		// @ts-expect-error: a log line is a text
		context.log(model);

		// @ts-expect-error: a stage knows nothing of the cache
		use(context.store);

		// @ts-expect-error: inputs are shared and not to be changed
		model.weights[0] = 1;

		await context.onStep(1, 2, 'epoch');
		context.log(`${context.backend} ${context.signal.aborted}`);
		return {latents: model.weights};
	},
});

export const forgottenRun = [
	// @ts-expect-error: a stage computes
	defineStage({name: 'forgotten-run', inputs: {}, params: Type.Object({}), outputs: {latents: latentSet}}),
];

export const eachGoal = definePipeline({
	params: {sampling: sampling.params},
	variant: ({add, folder, params}) => add(sampling, add(training, {folder: folder('data')}, {alpha: 0, epochs: 1}), params.sampling),
	// @ts-expect-error: a goal is one artifact, not one of every variant
	compare: (_, {latents}) => ({goals: {latents}}),
});

export const stageAsGoal = definePipeline({
	params: {},
	variant: () => ({}),
	// @ts-expect-error: a goal is an output of a node, not a stage
	compare: () => ({goals: {comparison}}),
});

export const slicelessPipeline = definePipeline({
	params: {},
	variant({params}) {
		use(params.seed + 1);

		// @ts-expect-error: a slice that is not declared
		use(params.training);

		return {};
	},
	compare: () => ({goals: {}}),
});
