import type {classifier} from '../artifacts/classifier.ts';
import type {generator as generatorType} from '../artifacts/generator.ts';
import type {imageSet} from '../artifacts/image-set.ts';
import type {latentSet} from '../artifacts/latents.ts';
import type {Add, Ref, Wiring} from '../engine/pipeline.ts';
import {fidImageSize, type fidParams} from '../metrics/params.ts';
import {importedFeatures} from '../stages/19-imported-features.ts';
import {imagePredictions} from '../stages/72-image-predictions.ts';
import {latentPredictions} from '../stages/73-latent-predictions.ts';
import {startMetrics} from '../stages/79-start-metrics.ts';
import {metrics} from '../stages/80-metrics.ts';

/** What an attack made, and what makes images of it. */
type Reconstructed = {readonly generator: Ref<typeof generatorType>; readonly latents: Readonly<Record<'initial' | 'optimized' | 'selected', Ref<typeof latentSet>>>};
type Answers = Array<'logits' | 'features'>;
type Asked = {readonly model: Ref<typeof classifier>; readonly compared: Ref<typeof imageSet>; readonly answers: Answers; readonly input?: 'standard' | 'official'};

/** What a judge says of private images and of the reconstructions that are compared with them, at the size that it reads. */
export function judgeOf(add: Add, name: string, {generator, latents}: Reconstructed, {model, compared, answers, ...input}: Asked) {
	const of = (set: keyof typeof latents, keep: Answers, nodeName = name) => add(latentPredictions, {model, latents: latents[set], generator}, {keep, ...input}, {name: `${nodeName}-on-${set}`});
	return {
		/** Its features: the same for all attacks that are compared with the same images. */
		train: add(imagePredictions, {model, images: compared}, {keep: ['features'], ...input}, {name: `${name}-on-train`}).predictions,
		selected: of('selected', answers),
		of,
	};
}

type Judge = ReturnType<typeof judgeOf>;
type DistributionParams = {readonly metrics?: typeof fidParams.static};
type DistributionJudges = {readonly evaluation: Judge; readonly model: Ref<typeof classifier>; readonly compared: Ref<typeof imageSet>; readonly comparedAt: (size: number) => Ref<typeof imageSet>; readonly attack: Reconstructed};

/** Who compares distributions: the published network of the FID where there is a file of it, otherwise the evaluation model. Only the FID's may look at images that were normalised twice. */
export function distributionJudges({add, file, params: {metrics: {fid, fidInput} = {}}}: Pick<Wiring<DistributionParams>, 'add' | 'file' | 'params'>, {evaluation, model, compared, comparedAt, attack}: DistributionJudges): Readonly<Record<'fid' | 'fidelity', Judge>> {
	const isOfficial = fidInput === 'official';
	const input = isOfficial && {input: fidInput};
	if (fid) {
		const images = comparedAt(fid.imageSize ?? fidImageSize);
		const {model: network} = add(importedFeatures, {weights: file(fid.weights), images}, {architecture: 'fid_inception_v3'}, {name: 'fid-import'});
		const judge = judgeOf(add, 'fid', attack, {model: network, compared: images, answers: ['features'], ...input});
		return {fid: judge, fidelity: judge};
	}

	return {fid: isOfficial ? judgeOf(add, 'fid', attack, {model, compared, answers: ['features'], ...input}) : evaluation, fidelity: evaluation};
}

type Judged = Readonly<Record<'evaluation' | 'embedding' | 'fid' | 'fidelity', Judge>> & Readonly<Record<'target' | 'surrogate', Ref<typeof classifier>>> & Readonly<Record<'train' | 'compared' | 'test', Ref<typeof imageSet>>>;

/** Every number of one attack, and what to show beside the pictures. */
export function judgement({add, params}: Pick<Wiring<{readonly metrics?: typeof metrics.params.static}>, 'add' | 'params'>, {evaluation, embedding, fid, fidelity, target, surrogate, train, compared, test}: Judged) {
	const on = (name: string, model: Ref<typeof classifier>, images: Ref<typeof imageSet>) => add(imagePredictions, {model, images}, {keep: ['logits']}, {name}).predictions;
	const {metrics: numbers, nearest} = add(metrics, {
		targetTest: on('target-on-test', target, test),
		targetTrain: on('target-on-train', target, train),
		surrogateTest: on('surrogate-on-test', surrogate, test),
		surrogateTrain: on('surrogate-on-train', surrogate, compared),
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
