import type {MeasuredAccuracy, WeightsRecord} from '../artifacts/weights-source.ts';
import type {ImportedClassifier} from './import.ts';

/** The record of an imported classifier. */
export function recordOf({classifier: {architecture, numClasses, weights}, source}: ImportedClassifier, measured: readonly MeasuredAccuracy[]): WeightsRecord {
	return {source, architecture, numClasses, numWeights: Object.values(weights).reduce((sum, {data}) => sum + data.length, 0), measured};
}
