import type {Weights} from '../../../artifacts/classifier.ts';
import type {Stylegan2Sizes} from '../../../artifacts/generator.ts';
import {UserError} from '../../../engine/error.ts';
import {weightShapes} from './layout.ts';

/** Smallest height and width that the network makes. */
const smallestImage = 8;

/** How many names an error lists before it says how many more there are. */
const listed = 5;

/**
 * Holds a file to what its sizes say: every weight of the original's state dict, of its shape, and none besides. Resampling filters, which the
 * original stores beside its weights, may be there if they are the binomial one that all published networks have.
 *
 * @throws {UserError} when a weight is missing, of another shape or not known, or when the sizes do not make a network.
 */
export function checkStylegan2(sizes: Stylegan2Sizes, weights: Weights): void {
	const {imageShape: [height, width]} = sizes;
	if (height !== width || height < smallestImage || !Number.isInteger(Math.log2(height))) {
		throw new UserError('stylegan2-sizes', `A StyleGAN2 makes square images whose size is a power of 2 from ${smallestImage} on, got ${height}×${width}`);
	}

	const shapes = weightShapes(sizes);
	const missing = Object.keys(shapes).filter(name => !Object.hasOwn(weights, name));
	const unknown = Object.keys(weights).filter(name => !Object.hasOwn(shapes, name) && !name.endsWith('.resample_filter'));
	if (missing.length > 0 || unknown.length > 0) {
		throw new UserError('stylegan2-weights', 'The weights are not those of a StyleGAN2 generator of these sizes', {
			facts: {...(missing.length > 0 ? {missing: enumerate(missing)} : {}), ...(unknown.length > 0 ? {unexpected: enumerate(unknown)} : {})},
			hint: 'The network must be a generator of the "skip" architecture without class labels, with noise inputs and with the channel sizes of its metadata.',
		});
	}

	for (const [name, shape] of Object.entries(shapes)) {
		const actual = weights[name]!.shape;
		if (actual.join(',') !== shape.join(',')) {
			throw new UserError('stylegan2-weights', `The weight "${name}" has the shape [${actual.join(', ')}], expected [${shape.join(', ')}]`, {
				hint: 'The sizes in the metadata, such as wSize, channelBase and channelMax, must be those the network was made with.',
			});
		}
	}

	const filter = Object.keys(weights).find(name => name.endsWith('.resample_filter') && !isBinomial(weights[name]!));
	if (filter !== undefined) {
		throw new UserError('stylegan2-filter', `The network resamples with a filter of its own, "${filter}"; only [1, 3, 3, 1] is supported`);
	}
}

function isBinomial({data}: Weights[string]): boolean {
	const taps = [1, 3, 3, 1];
	return data.length === 16 && data.every((value, index) => Math.abs((value * 64) - (taps[index >> 2]! * taps[index % 4]!)) < 1e-4);
}

function enumerate(names: readonly string[]): string {
	return names.length > listed ? `${names.slice(0, listed).join(', ')} and ${names.length - listed} more` : names.join(', ');
}
