import {defaultValues} from '../initial-values.ts';
import {pytorchFormat} from '../weight-format.ts';
import {convolutions, type Convolution} from './inception-blocks.ts';
import type {Layers} from './layers.ts';
import type {Network} from './network.ts';

const row = {kernel: [1, 7], padding: [0, 3]} as const;
const column = {kernel: [7, 1], padding: [3, 0]} as const;

/** ImageNet's mean and deviation per channel, of images in [0, 1]. */
const imageNet = {mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225]} as const;

/** A name, a kernel of a single row or column, and the padding that keeps the size. */
const along = (name: string, channels: number, {kernel, padding}: typeof row | typeof column): Convolution => [name, channels, kernel, {padding}];

/** Branches side by side. */
function branches<X>(layers: Layers<X>, x: X, name: string, lists: ReadonlyArray<readonly Convolution[]>): X[] {
	return lists.map(list => convolutions(layers, x, `${name}.`, list));
}

/** The branch that first averages 3×3 windows. */
function pooledBranch<X>(layers: Layers<X>, x: X, name: string, channels: number): X {
	return convolutions(layers, layers.averagePool(x, {size: 3, stride: 1, padding: 1}), `${name}.`, [['branch_pool', channels, 1]]);
}

export function moduleA<X>(layers: Layers<X>, x: X, name: string, poolChannels: number): X {
	return layers.part(() => layers.concat([
		...branches(layers, x, name, [
			[['branch1x1', 64, 1]],
			[['branch5x5_1', 48, 1], ['branch5x5_2', 64, 5, {padding: 2}]],
			[['branch3x3dbl_1', 64, 1], ['branch3x3dbl_2', 96, 3, {padding: 1}], ['branch3x3dbl_3', 96, 3, {padding: 1}]],
		]),
		pooledBranch(layers, x, name, poolChannels),
	]));
}

/** Halves the sides. */
export function moduleB<X>(layers: Layers<X>, x: X, name: string): X {
	return layers.part(() => layers.concat([
		...branches(layers, x, name, [
			[['branch3x3', 384, 3, {stride: 2}]],
			[['branch3x3dbl_1', 64, 1], ['branch3x3dbl_2', 96, 3, {padding: 1}], ['branch3x3dbl_3', 96, 3, {stride: 2}]],
		]),
		layers.maxPool(x, {size: 3, stride: 2}),
	]));
}

/** 7×7 convolutions as rows and columns. */
function moduleC<X>(layers: Layers<X>, x: X, name: string, width: number): X {
	return layers.part(() => layers.concat([
		...branches(layers, x, name, [
			[['branch1x1', 192, 1]],
			[['branch7x7_1', width, 1], along('branch7x7_2', width, row), along('branch7x7_3', 192, column)],
			[['branch7x7dbl_1', width, 1], along('branch7x7dbl_2', width, column), along('branch7x7dbl_3', width, row), along('branch7x7dbl_4', width, column), along('branch7x7dbl_5', 192, row)],
		]),
		pooledBranch(layers, x, name, 192),
	]));
}

/** Halves the sides. */
export function moduleD<X>(layers: Layers<X>, x: X, name: string): X {
	return layers.part(() => layers.concat([
		...branches(layers, x, name, [
			[['branch3x3_1', 192, 1], ['branch3x3_2', 320, 3, {stride: 2}]],
			[['branch7x7x3_1', 192, 1], along('branch7x7x3_2', 192, row), along('branch7x7x3_3', 192, column), ['branch7x7x3_4', 192, 3, {stride: 2}]],
		]),
		layers.maxPool(x, {size: 3, stride: 2}),
	]));
}

/** Branches that fork into a row and a column. */
export function moduleE<X>(layers: Layers<X>, x: X, name: string): X {
	const fork = (stem: readonly Convolution[], prefix: string) => {
		const y = convolutions(layers, x, `${name}.`, stem);
		return branches(layers, y, name, [[[`${prefix}a`, 384, [1, 3], {padding: [0, 1]}]], [[`${prefix}b`, 384, [3, 1], {padding: [1, 0]}]]]);
	};

	return layers.part(() => layers.concat([
		...branches(layers, x, name, [[['branch1x1', 320, 1]]]),
		...fork([['branch3x3_1', 384, 1]], 'branch3x3_2'),
		...fork([['branch3x3dbl_1', 448, 1], ['branch3x3dbl_2', 384, 3, {padding: 1}]], 'branch3x3dbl_3'),
		pooledBranch(layers, x, name, 192),
	]));
}

/** What comes before the modules. */
export function stemOf<X>(layers: Layers<X>, images: X): X {
	return layers.part(() => {
		const early = convolutions(layers, images, '', [['Conv2d_1a_3x3', 32, 3, {stride: 2}], ['Conv2d_2a_3x3', 32, 3], ['Conv2d_2b_3x3', 64, 3, {padding: 1}]]);
		const late = convolutions(layers, layers.maxPool(early, {size: 3, stride: 2}), '', [['Conv2d_3b_1x1', 80, 1], ['Conv2d_4a_3x3', 192, 3]]);
		return layers.maxPool(late, {size: 3, stride: 2});
	});
}

/** The four modules of 17×17 maps, for images of 299×299. */
export function middleOf<X>(layers: Layers<X>, x: X): X {
	const widths = [['Mixed_6b', 128], ['Mixed_6c', 160], ['Mixed_6d', 160], ['Mixed_6e', 192]] as const;
	let maps = x;
	for (const [name, width] of widths) {
		maps = moduleC(layers, maps, name, width);
	}

	return maps;
}

function auxiliaryHead<X>(layers: Layers<X>, x: X, outputs: number): X {
	const y = convolutions(layers, layers.averagePool(x, {size: 5, stride: 3}), 'AuxLogits.', [['conv0', 128, 1], ['conv1', 768, 5]]);
	return layers.linear(layers.globalAverage(y), 'AuxLogits.fc', {outputs});
}

/**
 * Inception-v3 (Szegedy et al. 2016, "Rethinking the Inception architecture for computer vision", Table 1) as torchvision has it, with its auxiliary head in training.
 * The hidden layers are the last maps of each size but the first: Mixed_5d, Mixed_6e, Mixed_7a and Mixed_7c.
 *
 * With `transformInput`, images that were normalized with mean and deviation 1/2 are first turned into what ImageNet's mean and deviation make of them.
 */
export const inceptionV3: Network = {
	head: 'fc',
	format: pytorchFormat,
	auxiliaryHead: 'AuxLogits.fc',
	// As torchvision, which draws from a normal distribution cut off at ±2, twenty deviations away; it means 0.01 for the 5×5 convolution of the auxiliary head, too, but does not get there.
	initialValues: weight => (weight.part === 'kernel' ? {kind: 'normal', deviation: weight.layer === 'AuxLogits.fc' ? 0.001 : 0.1} : defaultValues(weight)),
	trunk(layers, images, {auxiliaryClasses, transformInput}) {
		const input = transformInput
			? layers.affine(images, imageNet.deviation.map(deviation => deviation / 0.5), imageNet.mean.map(mean => (mean - 0.5) / 0.5))
			: images;
		const stem = stemOf(layers, input);
		const mixed5 = moduleA(layers, moduleA(layers, moduleA(layers, stem, 'Mixed_5b', 32), 'Mixed_5c', 64), 'Mixed_5d', 64);
		const mixed6 = middleOf(layers, moduleB(layers, mixed5, 'Mixed_6a'));
		const mixed7a = moduleD(layers, mixed6, 'Mixed_7a');
		const mixed7c = moduleE(layers, moduleE(layers, mixed7a, 'Mixed_7b'), 'Mixed_7c');
		return {
			features: layers.dropout(layers.globalAverage(mixed7c), 'dropout', 0.5),
			hidden: [mixed5, mixed6, mixed7a, mixed7c],
			...(auxiliaryClasses !== undefined && {auxiliary: auxiliaryHead(layers, mixed6, auxiliaryClasses)}),
		};
	},
};
