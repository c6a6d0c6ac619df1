import type {AttackMetrics} from '../../artifacts/records.ts';
import type {Column} from '../../artifacts/table.ts';

/** What is measured besides the columns of the paper's Table 2. δ² is what the paper's tables hold. */
export const otherColumns: ReadonlyArray<Column & {readonly metric: keyof AttackMetrics}> = [
	{metric: 'trainAccuracy', name: 'Train Acc', format: 'percent'},
	{metric: 'meanAbsLogit', name: 'mean |logit|', format: 'fixed2'},
	{metric: 'evaluationConfidence', name: 'confidence', format: 'percent'},
	{metric: 'faceDistanceSquared', name: 'δ_face²', format: 'fixed3'},
	{metric: 'evaluationDistanceSquared', name: 'δ_eval²', format: 'fixed2'},
	{metric: 'precision', name: 'precision', format: 'percent'},
	{metric: 'recall', name: 'recall', format: 'percent'},
	{metric: 'density', name: 'density', format: 'fixed3'},
	{metric: 'coverage', name: 'coverage', format: 'percent'},
	{metric: 'samplingAccuracyTop1', name: 'Acc@1 of starts', format: 'percent'},
	{metric: 'optimizationAccuracyTop1', name: 'Acc@1 before selection', format: 'percent'},
];
