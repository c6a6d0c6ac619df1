import type {Classifier} from '../../artifacts/classifier.ts';
import {initialClassifier, type BottleneckOptions} from '../../models/initial-classifier.ts';
import {randomStream} from '../../tensors/random.ts';

/** Numbers that every language computes alike. */
export const wave = (count: number, offset: number, amplitude: number) => Float32Array.from({length: count}, (_, index) => amplitude * Math.sin((index * 0.7) + offset));

/** The weights that test/fixtures/trainable-classifier.py and defences.py start from. */
export function waveClassifier(architecture: string, bottleneck?: BottleneckOptions): Classifier {
	const initial = initialClassifier(architecture, {numClasses: 3, imageShape: [8, 8, 1], bottleneck}, randomStream('any'));
	const weights = Object.fromEntries(Object.entries(initial.weights).map(([name, {shape, data}]) => {
		const [layer = '', part = ''] = name.split('/');
		const index = Number(layer.replace('block', '')) - 1;
		const fanIn = shape.slice(0, -1).reduce((product, size) => product * size, 1);
		const values: Record<string, () => Float32Array> = {
			'embedding/kernel': () => wave(data.length, 1, 1 / Math.sqrt(fanIn)),
			'embedding/bias': () => wave(data.length, 2, 0.1),
			'bottleneck/kernel': () => wave(data.length, 5, 1 / Math.sqrt(fanIn)),
			'bottleneck/bias': () => wave(data.length, 6, 0.1),
			'head/kernel': () => wave(data.length, 3, 1 / Math.sqrt(fanIn)),
			'head/bias': () => wave(data.length, 4, 0.1),
			kernel: () => wave(data.length, index, 1 / Math.sqrt(fanIn)),
			scale: () => wave(data.length, index, 0.3).map(value => 1 + value),
			offset: () => wave(data.length, index, 0.2),
		};
		return [name, {shape, data: (values[name] ?? values[part])?.() ?? data}];
	}));
	return {...initial, weights};
}
