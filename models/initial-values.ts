import type {RandomStream} from '../tensors/random.ts';
import type {WeightOutline} from './outline.ts';

/** What the numbers of a weight are before training: drawn independently, or all the same. */
export type InitialValues =
	| {readonly kind: 'uniform'; readonly bound: number}
	| {readonly kind: 'normal'; readonly deviation: number}
	| {readonly kind: 'constant'; readonly value: number};

/** PyTorch's own defaults: convolutions and linear layers uniform within ±1/√fanIn, batch normalization the identity, slopes 1/4. */
export function defaultValues({part, fanIn}: WeightOutline): InitialValues {
	switch (part) {
		case 'kernel':
		case 'bias': {
			return {kind: 'uniform', bound: 1 / Math.sqrt(fanIn)};
		}

		case 'scale':
		case 'movingVariance': {
			return {kind: 'constant', value: 1};
		}

		case 'offset':
		case 'movingMean': {
			return {kind: 'constant', value: 0};
		}

		case 'slope': {
			return {kind: 'constant', value: 0.25};
		}
	}
}

/** Convolutions normal with variance 2/fanOut (He et al. 2015, Eq. 14) and their biases 0, as torchvision's residual and VGG networks start; the rest by default. */
export function fanOutNormal(weight: WeightOutline): InitialValues {
	const {part, isConvolution, fanOut} = weight;
	if (!isConvolution) {
		return defaultValues(weight);
	}

	return part === 'kernel' ? {kind: 'normal', deviation: Math.sqrt(2 / fanOut)} : {kind: 'constant', value: 0};
}

/** Convolutions normal with variance 2/fanIn (He et al. 2015, Eq. 10), the rest by default. */
export function fanInNormal(weight: WeightOutline): InitialValues {
	return weight.isConvolution && weight.part === 'kernel' ? {kind: 'normal', deviation: Math.sqrt(2 / weight.fanIn)} : defaultValues(weight);
}

/** Convolutions and linear layers uniform with variance 2/(fanIn + fanOut) (Glorot and Bengio 2010, Eq. 16) and their biases 0, the rest by default. */
export function uniformFans(weight: WeightOutline): InitialValues {
	switch (weight.part) {
		case 'kernel': {
			return {kind: 'uniform', bound: Math.sqrt(6 / (weight.fanIn + weight.fanOut))};
		}

		case 'bias': {
			return {kind: 'constant', value: 0};
		}

		default: {
			return defaultValues(weight);
		}
	}
}

/** As many initial values as there are, rounded to float32. */
export function drawInitialValues(values: InitialValues, count: number, stream: RandomStream): Float32Array {
	switch (values.kind) {
		case 'uniform': {
			return stream.uniforms(count, -values.bound, values.bound);
		}

		case 'normal': {
			return Float32Array.from({length: count}, () => values.deviation * stream.normal());
		}

		case 'constant': {
			return new Float32Array(count).fill(values.value);
		}
	}
}
