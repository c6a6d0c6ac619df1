import type {AnyRef} from '../engine/pipeline.ts';

/** What is delivered when it is asked for by name: a table for the terminal, and files. */
export function deliver(name: string, {table, csv, page}: Readonly<Record<'table' | 'csv' | 'page', AnyRef>>) {
	return {goals: {[`${name}-table`]: table}, reports: {[`${name}.html`]: page, [`${name}.csv`]: csv, [`${name}.json`]: table}};
}
