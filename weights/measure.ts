import type {Classifier} from '../artifacts/classifier.ts';
import type {ImageSet} from '../artifacts/image-set.ts';
import type {MeasuredAccuracy, WeightsRecord} from '../artifacts/weights-source.ts';
import type {OnStep} from '../engine/stage.ts';
import {accuracy} from '../metrics/accuracy.ts';
import {predictImages} from '../metrics/predict-images.ts';
import {judgeBatchSize} from '../metrics/prediction-rows.ts';
import {buildClassifier} from '../models/classifier.ts';
import {hasInputTransform} from '../models/expected-weights.ts';
import type {ImportedClassifier} from './import.ts';
import {recordOf} from './record.ts';

/**
 * Measures what an imported classifier recognises. Where its architecture leaves open what scale its input has, it is measured with either, and unless the file or a
 * param says which, the one that recognises more is taken: it is a flag that state dicts lose.
 */
export async function measureImported({classifier, source}: ImportedClassifier, test: ImageSet, onStep: OnStep): Promise<{readonly classifier: Classifier; readonly record: WeightsRecord}> {
	const {architecture, transformInput} = classifier;
	const settings = hasInputTransform(architecture) ? [true, false] : [undefined];
	const accuracies: Array<Omit<MeasuredAccuracy, 'isChosen'>> = [];
	for (const setting of settings) {
		using network = buildClassifier(withTransform(classifier, setting));
		const {logits} = await predictImages(network, test, {keep: ['logits'], batchSize: judgeBatchSize(classifier.imageShape), onStep: async (done, total, unit) => onStep(done, total, unit)});
		accuracies.push({...(setting !== undefined && {transformInput: setting}), testAccuracy: accuracy(logits, test.labels)});
	}

	const [best] = accuracies.toSorted((a, b) => b.testAccuracy - a.testAccuracy);
	const chosen = transformInput ?? best!.transformInput;
	return {
		classifier: withTransform(classifier, chosen),
		record: recordOf({classifier, source}, accuracies.map(measured => ({...measured, isChosen: measured.transformInput === chosen}))),
	};
}

function withTransform(classifier: Classifier, transformInput: boolean | undefined): Classifier {
	return transformInput === undefined ? classifier : {...classifier, transformInput};
}
