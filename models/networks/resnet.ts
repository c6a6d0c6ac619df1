import {fanOutNormal} from '../initial-values.ts';
import {pytorchFormat} from '../weight-format.ts';
import type {ConvolutionOptions, Layers} from './layers.ts';
import type {Network} from './network.ts';

/** What tells one residual network from another. */
export type ResNetOptions = {
	/** Residual blocks per stage. */
	readonly depths: readonly [number, number, number, number];
	/** `basic`: two 3×3 convolutions. `bottleneck`: 1×1, 3×3 (which has the stride) and 1×1 to four times as many channels. */
	readonly block: 'basic' | 'bottleneck';
	/** Groups of the 3×3 convolutions in bottlenecks; 1 when absent. */
	readonly groups?: number;
	/** Channels per group in the first stage's bottlenecks; 64 when absent. */
	readonly widthPerGroup?: number;
};

type Place = {readonly name: string; readonly planes: number; readonly stride: number; readonly shortcut: boolean};

/** A convolution with half its kernel as padding, followed by batch normalization. */
function convNorm(norm: string, {kernel, ...options}: ConvolutionOptions & {readonly kernel: number}): ConvolutionOptions {
	return {...options, kernel, padding: (kernel - 1) / 2, norm: {name: norm}};
}

/**
 * Residual networks (He et al. 2016, "Deep residual learning for image recognition", Table 1) and ResNeXt (Xie et al. 2017), as torchvision has
 * them: the stride of a bottleneck is in its 3×3 convolution. The hidden layers are the outputs of the four stages.
 */
export function resnet({depths, block, groups = 1, widthPerGroup = 64}: ResNetOptions): Network {
	const expansion = block === 'basic' ? 1 : 4;

	const basic = <X>(layers: Layers<X>, x: X, {name, planes: channels, stride}: Place) => {
		const y = layers.convolution(x, `${name}.conv1`, convNorm(`${name}.bn1`, {channels, kernel: 3, stride, relu: true}));
		return layers.convolution(y, `${name}.conv2`, convNorm(`${name}.bn2`, {channels, kernel: 3}));
	};

	const bottleneck = <X>(layers: Layers<X>, x: X, {name, planes, stride}: Place) => {
		const width = Math.floor(planes * widthPerGroup / 64) * groups;
		const narrowed = layers.convolution(x, `${name}.conv1`, convNorm(`${name}.bn1`, {channels: width, kernel: 1, relu: true}));
		const y = layers.convolution(narrowed, `${name}.conv2`, convNorm(`${name}.bn2`, {channels: width, kernel: 3, stride, groups, relu: true}));
		return layers.convolution(y, `${name}.conv3`, convNorm(`${name}.bn3`, {channels: expansion * planes, kernel: 1}));
	};

	const residual = <X>(layers: Layers<X>, x: X, place: Place) => layers.part(() => {
		const {name, planes, stride, shortcut} = place;
		const y = (block === 'basic' ? basic : bottleneck)(layers, x, place);
		const passed = shortcut
			? layers.convolution(x, `${name}.downsample.0`, convNorm(`${name}.downsample.1`, {channels: expansion * planes, kernel: 1, stride}))
			: x;
		return layers.relu(layers.add(y, passed));
	});

	return {
		head: 'fc',
		format: pytorchFormat,
		initialValues: fanOutNormal,
		trunk(layers, images) {
			const stem = layers.part(() => layers.maxPool(
				layers.convolution(images, 'conv1', convNorm('bn1', {channels: 64, kernel: 7, stride: 2, relu: true})),
				{size: 3, stride: 2, padding: 1},
			));
			const hidden: Array<typeof images> = [];
			let x = stem;
			for (const [stage, depth] of depths.entries()) {
				for (let index = 0; index < depth; index++) {
					const stride = stage > 0 && index === 0 ? 2 : 1;
					x = residual(layers, x, {
						name: `layer${stage + 1}.${index}`,
						planes: 64 * (2 ** stage),
						stride,
						// Where the shape changes.
						shortcut: index === 0 && (stride === 2 || expansion > 1),
					});
				}

				hidden.push(x);
			}

			return {features: layers.globalAverage(x), hidden};
		},
	};
}
