/** A part of a layer: what is multiplied, what is added, the four numbers per channel of batch normalization, and a ReLU's slope below 0. */
export type Part = 'kernel' | 'bias' | 'scale' | 'offset' | 'movingMean' | 'movingVariance' | 'slope';

/** How the weights of a network are named and laid out in a classifier. */
export type WeightFormat = {
	/** Name of the weight that holds a part of a layer. */
	nameOf(layer: string, part: Part): string;
	/**
	 * Whether channels come before rows and columns, as in PyTorch: kernels are [out, in, rows, columns] or [out, in], and images become vectors channel by
	 * channel. Otherwise kernels are [rows, columns, in, out] or [in, out], and images become vectors position by position, as networks compute here.
	 */
	readonly channelsFirst: boolean;
};

/** Numbers with their shape. */
type NumberArray = {readonly shape: readonly number[]; readonly data: Float32Array};

/** `block1/kernel`, `block1/movingMean` and so on. */
export const ownFormat: WeightFormat = {
	nameOf: (layer, part) => `${layer}/${part}`,
	channelsFirst: false,
};

const pytorchParts: Readonly<Record<Part, string>> = {
	kernel: 'weight', bias: 'bias', scale: 'weight', offset: 'bias', movingMean: 'running_mean', movingVariance: 'running_var', slope: 'weight',
};

/** The names and layouts of a PyTorch state dict: `layer1.0.conv1.weight`, `bn1.running_mean` and so on. */
export const pytorchFormat: WeightFormat = {
	nameOf: (layer, part) => `${layer}.${pytorchParts[part]}`,
	channelsFirst: true,
};

/** The shape in a classifier of a kernel that computes with [rows, columns, in, out] or [in, out]; shapes of other ranks stay. */
export function storedShape({channelsFirst}: WeightFormat, shape: readonly number[]): readonly number[] {
	return channelsFirst && isKernel(shape) ? toStoredAxes(shape).map(axis => shape[axis]!) : shape;
}

/** A weight of a classifier as networks compute with it. */
export function toComputed({channelsFirst}: WeightFormat, stored: NumberArray): NumberArray {
	return channelsFirst && isKernel(stored.shape) ? permuted(stored, toComputedAxes(stored.shape)) : stored;
}

/** A weight as networks compute with it in the layout of a classifier. */
export function toStored({channelsFirst}: WeightFormat, computed: NumberArray): NumberArray {
	return channelsFirst && isKernel(computed.shape) ? permuted(computed, toStoredAxes(computed.shape)) : computed;
}

const isKernel = ({length}: readonly number[]) => length === 2 || length === 4;

/** Axes of [rows, columns, in, out] or [in, out], in the order of PyTorch. */
const toStoredAxes = ({length}: readonly number[]) => (length === 4 ? [3, 2, 0, 1] : [1, 0]);

/** Axes of [out, in, rows, columns] or [out, in], in the order of TensorFlow. */
const toComputedAxes = ({length}: readonly number[]) => (length === 4 ? [2, 3, 1, 0] : [1, 0]);

/** The array whose axis `a` is the given one's axis `axes[a]`; of two or four axes. */
function permuted({shape, data}: NumberArray, axes: readonly number[]): NumberArray {
	const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1));
	const to = axes.map(axis => ({size: shape[axis]!, stride: strides[axis]!}));
	const [first, second, third, fourth] = [...Array.from({length: 4 - to.length}, () => ({size: 1, stride: 0})), ...to] as [Axis, Axis, Axis, Axis];
	const values = new Float32Array(data.length);
	let position = 0;
	for (let a = 0; a < first.size; a++) {
		for (let b = 0; b < second.size; b++) {
			for (let c = 0; c < third.size; c++) {
				let from = (a * first.stride) + (b * second.stride) + (c * third.stride);
				for (let d = 0; d < fourth.size; d++) {
					values[position++] = data[from]!;
					from += fourth.stride;
				}
			}
		}
	}

	return {shape: to.map(({size}) => size), data: values};
}

type Axis = {readonly size: number; readonly stride: number};
