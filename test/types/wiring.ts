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
	compare({add, params}, {latents, model}) {
		const {variants: {only}} = latents;

		// @ts-expect-error: every variant's artifact where one is expected
		add(sampling, {model}, params.sampling);

		// @ts-expect-error: one artifact where every variant's is expected
		add(comparison, {sets: only!, reference: only!}, {});

		// @ts-expect-error: every variant's artifact of another kind
		add(comparison, {sets: model, reference: only!}, {});

		// @ts-expect-error: an artifact that the variants do not hand on
		use(latents.losses);

		const {table} = add(comparison, {sets: latents, reference: only!}, {});
		return {goals: {table}, reports: {'table.json': table}};
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
