import {UserError} from '../engine/error.ts';
import {densenet} from './networks/densenet.ts';
import {inceptionResnetV1} from './networks/inception-resnet-v1.ts';
import {inceptionV3} from './networks/inception-v3.ts';
import {ir50} from './networks/ir50.ts';
import type {Network} from './networks/network.ts';
import {resnet} from './networks/resnet.ts';
import {rows} from './networks/rows.ts';
import {vgg16} from './networks/vgg.ts';

/** All networks, by name: those of the small experiment, and the originals under torchvision's names. */
export const architectures: Readonly<Record<string, Network>> = {
	// Flattening rather than averaging lets negative smoothing act on where things are, not only on which there are.
	'target-small': rows({blocks: ['C5 s2 16', 'C3 s2 32', 'C3 s1 48', 'C3 s2 64', 'R3 s1 64'], pooling: 'flatten', stageEnds: [1, 2, 3, 4, 5], bottleneckWidth: 128}),
	'evaluation-small': rows({blocks: ['C5 s2 24', 'C3 s2 48', 'R3 s1 48', 'C3 s2 96', 'R3 s1 96'], pooling: 'average'}),
	'embedding-small': rows({blocks: ['C5 s2 16', 'C3 s2 48', 'C3 s1 64', 'C3 s2 96'], pooling: 'average', embeddingSize: 64}),
	'surrogate-small': rows({blocks: ['C5 s2 16', 'C3 s2 48', 'C3 s1 64', 'C3 s2 96'], pooling: 'average'}),
	resnet18: resnet({depths: [2, 2, 2, 2], block: 'basic'}),
	resnet50: resnet({depths: [3, 4, 6, 3], block: 'bottleneck'}),
	resnet152: resnet({depths: [3, 8, 36, 3], block: 'bottleneck'}),
	resnext50_32x4d: resnet({depths: [3, 4, 6, 3], block: 'bottleneck', groups: 32, widthPerGroup: 4}),
	densenet121: densenet({depths: [6, 12, 24, 16], growth: 32}),
	inception_v3: inceptionV3,
	inception_resnet_v1: inceptionResnetV1,
	vgg16_bn: vgg16,
	ir50,
};

/** @throws {UserError} when there is no architecture of this name. */
export function findArchitecture(name: string): Network {
	const architecture = Object.hasOwn(architectures, name) ? architectures[name] : undefined;
	if (!architecture) {
		throw new UserError('unknown-architecture', `There is no architecture "${name}"`, {
			hint: `Choose one of ${Object.keys(architectures).join(', ')}, or add it to models/architectures.ts.`,
		});
	}

	return architecture;
}
