import type {AttackMetricName} from '../artifacts/records.ts';
import type {Column} from '../artifacts/table.ts';

/** A metric as it stands in the tables of the paper. */
export type MetricColumn = Column & {
	readonly metric: AttackMetricName;
	/** Its name in `paper-results.json`. */
	readonly paper: 'test_acc' | 'ece' | 'acc1' | 'acc5' | 'delta_face' | 'delta_eval' | 'fid' | 'xi_train' | 'xi_test';
};

/** A metric that tells how much the attack extracts. */
export type AttackMetricColumn = MetricColumn & Required<Pick<Column, 'strongerAttack'>>;

/** The columns of Table 2 of Struppek et al. 2024, in its order. */
export const metricColumns: readonly MetricColumn[] = [
	{
		metric: 'testAccuracy', name: 'Test Acc', format: 'percent', paper: 'test_acc',
	},
	{
		metric: 'ece', name: 'ECE', format: 'fixed3', paper: 'ece',
	},
	{
		metric: 'attackAccuracyTop1', name: 'Acc@1', format: 'percent', strongerAttack: 'higher', paper: 'acc1',
	},
	{
		metric: 'attackAccuracyTop5', name: 'Acc@5', format: 'percent', strongerAttack: 'higher', paper: 'acc5',
	},
	{
		metric: 'faceDistance', name: 'δ_face', format: 'fixed3', strongerAttack: 'lower', paper: 'delta_face',
	},
	{
		metric: 'evaluationDistance', name: 'δ_eval', format: 'fixed2', strongerAttack: 'lower', paper: 'delta_eval',
	},
	{
		metric: 'fid', name: 'FID', format: 'fixed2', strongerAttack: 'lower', paper: 'fid',
	},
	{
		metric: 'knowledgeExtractionTrain', name: 'ξ_train', format: 'percent', strongerAttack: 'higher', paper: 'xi_train',
	},
	{
		metric: 'knowledgeExtractionTest', name: 'ξ_test', format: 'percent', strongerAttack: 'higher', paper: 'xi_test',
	},
];

/** The columns that tell how much the attack extracts. */
export const attackColumns: readonly AttackMetricColumn[] = metricColumns.filter((column): column is AttackMetricColumn => column.strongerAttack !== undefined);

/** The column of a table without what only metrics have. */
export function tableColumn({name, format, strongerAttack}: MetricColumn): Column {
	return strongerAttack === undefined ? {name, format} : {name, format, strongerAttack};
}
