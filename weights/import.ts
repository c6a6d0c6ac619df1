import path from 'node:path';
import type {Classifier, Weights} from '../artifacts/classifier.ts';
import type {WeightsSource} from '../artifacts/weights-source.ts';
import {UserError} from '../engine/error.ts';
import type {OnStep} from '../engine/stage.ts';
import {architectures, findArchitecture} from '../models/architectures.ts';
import {expectedWeights, hasInputTransform, type ExpectedWeight, type ExpectedWeightsOptions} from '../models/expected-weights.ts';
import {outlineFeatures} from '../models/feature-architectures.ts';
import type {Backbone} from '../models/networks/network.ts';
import {fileSha256, verifyStorages} from './checksums.ts';
import {matchWeights, stripPrefixes, type MatchedWeights} from './match.ts';
import {openTensorFile} from './open.ts';
import {savedFacts, type SavedFacts} from './saved-facts.ts';
import {findStateDict, type StateDict} from './state-dict.ts';
import {readTensor, type TensorFile} from './tensor-file.ts';

/** Which classifier a file is to be. */
export type ImportRequest = {
	/** Path. */
	readonly file: string;
	/** Absent: what the file says, as files that this program wrote do. */
	readonly architecture?: string | undefined;
	/** Absent: as many as the file has weights for. */
	readonly numClasses?: number | undefined;
	/** Of the images that it will read; absent: what the file says. */
	readonly imageShape?: Classifier['imageShape'] | undefined;
	/** The bottleneck that it has, and its width unless that follows from the architecture; absent: what the file says. */
	readonly bottleneck?: ExpectedWeightsOptions['bottleneck'];
	/** The scale of its input, where the architecture leaves it open; absent: what the file says, if anything. */
	readonly transformInput?: boolean | undefined;
};

/** A classifier and where it comes from. */
export type ImportedClassifier = {readonly classifier: Classifier; readonly source: WeightsSource};

/**
 * Reads a classifier from a PyTorch state dict or a safetensors file. Nothing of the file runs, every weight has to fit, and nothing but the weights is read.
 *
 * @throws {UserError} when the file is missing, damaged, of another kind or of another model; the error says what does not fit
 */
export async function importClassifier(request: ImportRequest, onStep?: OnStep): Promise<ImportedClassifier> {
	const file = await openTensorFile(request.file);
	using _source = file.source;
	const saved = savedFacts(file);
	const dict = findStateDict(file);
	const {architecture, ...options} = resolve(request, saved, dict);
	const matched = matchWeights(dict, expectedWeights(architecture, options), {
		file: file.source.file,
		architecture,
		others: () => candidates(options),
	});
	const {numClasses, imageShape, bottleneck, transformInput} = options;
	return {
		classifier: {
			architecture,
			numClasses,
			imageShape,
			...(bottleneck && {bottleneck: {noiseAtEvaluation: bottleneck.noiseAtEvaluation}}),
			...(transformInput !== undefined && {transformInput}),
			weights: await readWeights(file, matched, onStep),
		},
		source: sourceOf(file, dict, matched, saved),
	};
}

/** Which feature space a file is to be. */
export type FeatureRequest = Required<Pick<ImportRequest, 'file'>> & Pick<ImportRequest, 'transformInput'> & {
	readonly architecture: string;
	readonly imageShape: Classifier['imageShape'];
};

/**
 * Reads a model that compares images, as `importClassifier` reads a classifier. It needs no last layer: what the file has of one, such as the 8,631 classes of FaceNet and
 * the 1,008 of the FID's network, is left out and named among what was dropped.
 *
 * @returns a classifier of no classes
 * @throws {UserError} as `importClassifier`
 */
export async function importFeatures({file: name, architecture, imageShape, transformInput: wanted}: FeatureRequest, onStep?: OnStep): Promise<ImportedClassifier> {
	refuseInputTransform(architecture, wanted);
	const file = await openTensorFile(name);
	using _source = file.source;
	const saved = savedFacts(file);
	const dict = findStateDict(file);
	const {weights, unused} = outlineFeatures(architecture, {imageShape});
	const matched = matchWeights(dict, weights, {
		file: file.source.file, architecture, unused, others: () => candidates({numClasses: 1000}),
	});
	const transformInput = wanted ?? saved.transformInput;
	return {
		classifier: {architecture, numClasses: 0, imageShape, ...(transformInput !== undefined && {transformInput}), weights: await readWeights(file, matched, onStep)},
		source: sourceOf(file, dict, matched, saved),
	};
}

/** What a training is to start from. */
export type InitialRequest = ImportRequest & Pick<FeatureRequest, 'architecture' | 'imageShape'>;

/**
 * Reads what a training starts from: a classifier of the architecture, or the network that this architecture is built upon (`Network.backbone`) with its own names, such as torchvision's VGG-16.
 *
 * @returns of such a network, a classifier of no classes without the weights that start anew
 * @throws {UserError} as `importClassifier`
 */
export async function importInitial(request: InitialRequest, onStep?: OnStep): Promise<ImportedClassifier> {
	const {backbone} = findArchitecture(request.architecture);
	const built = backbone && await importBackbone(request, backbone, onStep);
	return built ?? importClassifier(request, onStep);
}

/** The network that an architecture is built upon; nothing when the file has more of the architecture's own weights. */
async function importBackbone(request: InitialRequest, backbone: Backbone, onStep?: OnStep): Promise<ImportedClassifier | undefined> {
	const {architecture, imageShape, transformInput} = request;
	const file = await openTensorFile(request.file);
	using _source = file.source;
	const dict = findStateDict(file);
	const own = outlineFeatures(architecture, {imageShape}).weights.filter(({layer}) => !backbone.fresh.includes(layer));
	const published = own.map(({name, shape}) => ({name: backbone.nameOf(name), shape}));
	if (hits(dict, published) <= hits(dict, own)) {
		return undefined;
	}

	refuseInputTransform(architecture, transformInput);
	const matched = matchWeights(dict, published, {
		file: file.source.file, architecture, unused: new Set(backbone.unused.flatMap(layer => [`${layer}.weight`, `${layer}.bias`])),
	});
	const weights = await readWeights(file, matched, onStep);
	return {
		classifier: {architecture, numClasses: 0, imageShape, weights: Object.fromEntries(own.map(({name}) => [name, weights[backbone.nameOf(name)]!]))},
		source: sourceOf(file, dict, matched, savedFacts(file)),
	};
}

/** How many of some weights a file has, by name. */
function hits({tensors}: StateDict, expected: readonly ExpectedWeight[]): number {
	const {tensors: named} = stripPrefixes(tensors, expected);
	return expected.filter(({name}) => named.has(name)).length;
}

type Resolved = ExpectedWeightsOptions & {readonly architecture: string; readonly transformInput: boolean | undefined};

/** What is asked for, then what the file says, then what its weights tell. */
function resolve(request: ImportRequest, saved: SavedFacts, {tensors}: StateDict): Resolved {
	const {file, architecture = saved.architecture, imageShape = saved.imageShape, bottleneck = saved.bottleneck, transformInput = saved.transformInput} = request;
	if (architecture === undefined) {
		throw new UserError('weights-architecture-unknown', `"${path.basename(file)}" does not say which architecture it is of`, {
			hint: `Name one: ${Object.keys(architectures).join(', ')}.`,
		});
	}

	findArchitecture(architecture);
	if (imageShape === undefined) {
		throw new UserError('weights-size-unknown', `"${path.basename(file)}" does not say how large the images are that "${architecture}" reads`, {
			hint: 'Give their height and width in pixels, as in --size 224.',
		});
	}

	refuseInputTransform(architecture, request.transformInput);
	const options = {imageShape, bottleneck};
	const auxiliaryClasses = inferSize(tensors, count => expectedWeights(architecture, {...options, numClasses: 2, auxiliaryClasses: count}));
	const numClasses = request.numClasses ?? inferSize(tensors, count => expectedWeights(architecture, {...options, numClasses: count, auxiliaryClasses}));
	// Without a last layer any number will do: the error lists that it is missing.
	return {...options, architecture, numClasses: numClasses ?? 1000, auxiliaryClasses, transformInput};
}

function refuseInputTransform(architecture: string, wanted: boolean | undefined): void {
	if (wanted !== undefined && !hasInputTransform(architecture)) {
		throw new UserError('weights-without-input-transform', `"${architecture}" has no input transform`, {hint: 'Leave that setting out: it is for Inception-v3.'});
	}
}

/**
 * A number that the weights of a file tell, such as that of classes: the length, there, of an axis that follows it in the model.
 *
 * @param expected the weights of the model for such a number
 * @returns nothing when the file has no such weight
 */
export function inferSize(tensors: StateDict['tensors'], expected: (count: number) => readonly ExpectedWeight[]): number | undefined {
	const [few, more] = [expected(2), expected(3)];
	const {tensors: named} = stripPrefixes(tensors, few);
	for (const [index, {name, shape}] of few.entries()) {
		const axis = shape.findIndex((length, position) => length !== more[index]!.shape[position]);
		const found = axis === -1 ? undefined : named.get(name)?.shape[axis];
		if (found !== undefined && found >= 2) {
			return found;
		}
	}

	return undefined;
}

/** Every architecture with its weights, one at a time: large ones take a while to list. */
export function * candidates({numClasses, auxiliaryClasses}: Pick<ExpectedWeightsOptions, 'numClasses' | 'auxiliaryClasses'>): Iterable<readonly [string, readonly ExpectedWeight[]]> {
	for (const name of Object.keys(architectures)) {
		yield [name, expectedWeights(name, {numClasses, auxiliaryClasses, imageShape: roomy})];
	}
}

/** Images that every architecture can read; of the weights, only those behind a flattened image depend on their size. */
const roomy = [299, 299, 3] as const;

function sourceOf({source, container}: TensorFile, {wrapper}: StateDict, {strippedPrefix, dropped, tensors}: MatchedWeights, {source: convertedFrom}: SavedFacts): WeightsSource {
	return {
		file: path.basename(source.file),
		sizeBytes: source.sizeBytes,
		sha256: fileSha256(source),
		container,
		...(wrapper !== undefined && {wrapper}),
		strippedPrefix,
		dropped,
		elementTypes: [...new Set([...tensors.values()].map(({storage}) => storage.elementType))].toSorted(),
		...(convertedFrom && {convertedFrom}),
	};
}

async function readWeights(file: TensorFile, {tensors}: MatchedWeights, onStep?: OnStep): Promise<Weights> {
	verifyStorages(file, new Set([...tensors.values()].map(({storage}) => storage)));
	const weights: Record<string, Weights[string]> = {};
	for (const [name, tensor] of tensors) {
		const data = readTensor(file, tensor);
		const wrong = data.findIndex(value => !Number.isFinite(value));
		if (wrong !== -1) {
			throw new UserError('weights-not-finite', `Weight "${name}" holds ${data[wrong]} at place ${wrong} of ${data.length}`, {
				facts: {file: file.source.file, type: tensor.storage.elementType},
				hint: 'The training diverged, the numbers are too large for float32, or the file is damaged: take another checkpoint.',
			});
		}

		weights[name] = {shape: tensor.shape, data};
		await onStep?.(Object.keys(weights).length, tensors.size, 'weight');
	}

	return weights;
}
