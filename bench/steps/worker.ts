/** Steps of `cases.ts` on a backend, for `steps.ts`: a line with a step's name comes in, one with its milliseconds and its loss goes out. */
import process from 'node:process';
import readline from 'node:readline';
import * as tf from '@tensorflow/tfjs-core';
import {latentBatch} from '../../attacks/latent-batches.ts';
import {stepGradient} from '../../attacks/step-gradient.ts';
import {buildClassifier} from '../../models/classifier.ts';
import {buildGenerator} from '../../models/generator.ts';
import {trainableClassifier} from '../../models/trainable-classifier.ts';
import {adam} from '../../tensors/adam.ts';
import {useBackend, type BackendName} from '../../tensors/backend.ts';
import {randomStream} from '../../tensors/random.ts';
import {createOptimizer} from '../../training/optimizers.ts';
import {learn} from '../../training/train-classifier.ts';
import {
	attackBetas, classesOf, classifierOf, cropScale, cropStream, decoderOf, imagesOf, labelSmoothing, latentsOf, learningRates, numClasses, stepCases, type StepCase, type StepName,
} from './cases.ts';

/** One step; resolves to its loss. */
type Step = () => Promise<number>;

await useBackend(process.argv[2] as BackendName);
const steps = new Map<string, Step>();
for await (const name of readline.createInterface({input: process.stdin})) {
	const given: StepCase = stepCases[name as StepName];
	const step = steps.get(name) ?? (given.kind === 'training' ? training(given) : attack(given));
	steps.set(name, step);
	const cpu = process.cpuUsage();
	const start = performance.now();
	const loss = await step();
	const wall = performance.now() - start;
	const {user, system} = process.cpuUsage(cpu);
	console.log(JSON.stringify({wall, cpu: (user + system) / 1000, loss}));
}

/** What `trainClassifier` does with a batch that is augmented already. */
function training(given: StepCase): Step {
	const network = trainableClassifier(classifierOf(given));
	const optimizer = createOptimizer({});
	const values = imagesOf(given);
	const labels = classesOf(given);
	const epoch = {number: 0, alpha: labelSmoothing, learningRate: learningRates.training, stream: randomStream('epoch'), defense: undefined};
	return async () => {
		const images = tf.tensor4d(values, [given.batch, given.size, given.size, 3]);
		const {loss} = await learn({network, optimizer}, {images, labels, indices: labels, numClasses}, epoch);
		return loss;
	};
}

/** What `optimizeLatents` does with a batch. */
function attack(given: StepCase): Step {
	const batch = latentBatch(latentsOf(given), 0, given.batch);
	const latents = tf.variable(batch.toTensor());
	const optimizer = adam({...attackBetas, epsilon: 1e-8});
	const work = {generator: buildGenerator(decoderOf(given)), targetModel: buildClassifier(classifierOf(given)), options: {cropScale}, targetClasses: classesOf(given)};
	let number = 0;
	return async () => {
		const {gradient, values, read} = await stepGradient(latents, {stream: cropStream(number++), batch, microBatch: given.batch}, work);
		optimizer.update({latents}, {latents: gradient}, learningRates.attack);
		tf.dispose([gradient, values]);
		return read.losses.reduce((sum, loss) => sum + loss, 0) / given.batch;
	};
}
