import path from 'node:path';
import process from 'node:process';
import {Value} from '@sinclair/typebox/value';
import {examineDrawn, examinePhotographs, type Examination} from '../../datasets/examination/index.ts';
import type {DatasetParams} from '../../datasets/examination/source.ts';
import type {SeedOf} from '../../datasets/examination/split.ts';
import {datasetParams} from '../../datasets/params.ts';
import {loadPipeline} from '../../engine/code.ts';
import {defaultFiles} from '../../engine/default-files.ts';
import {isUserError, UserError} from '../../engine/error.ts';
import {listFolder} from '../../engine/files.ts';
import {expandVariables, seedOf} from '../../engine/graph.ts';
import {groupBy} from '../../engine/group-by.ts';
import {loadVariants, type Variant} from '../../engine/params.ts';
import {problemOf, type Finding} from '../doctor/finding.ts';
import {linesOf} from '../doctor/lines.ts';
import {counted} from '../doctor/project.ts';
import {printable} from '../format.ts';
import type {CommonOptions} from '../main.ts';
import {stoppable} from '../stoppable.ts';
import {findingsOf, type Demands} from './findings.ts';
import {startProgress} from './progress.ts';

export type DataCheckOptions = Pick<CommonOptions, 'json' | 'params' | 'pipeline' | 'set'> & {
	/** Also a line for every person. */
	readonly all?: boolean;
	/** Print what the split digest is made of, and nothing else. */
	readonly list?: boolean;
};

/** A data set that some variants use, and what they want of it. */
type Wanted = Demands & {readonly seedOf: SeedOf};

type Checked = {readonly findings: readonly Finding[]; readonly examination?: Examination};

/** `pipeline data check`: 1 when a run would stop, 130 when it was stopped. Needs no run and writes nothing. */
export async function checkData({pipeline, params, set, json, all, list}: DataCheckOptions): Promise<number> {
	const {pipeline: declared, root} = await loadPipeline(pipeline);
	const variants = loadVariants(declared.params, {file: params ?? defaultFiles(path.dirname(pipeline)).paramsFile, overrides: set});
	let problems = 0;
	const stopped = await stoppable(async signal => {
		for (const wanted of wantedBy(variants)) {
			const checked = await check(wanted, {root, signal});
			problems += checked.findings.filter(({status}) => status === 'problem').length;
			process.stdout.write(list ? listing(checked) : (json ? `${JSON.stringify(plain(checked))}\n` : text(checked, {all})));
		}
	});
	return stopped === 0 ? Math.min(1, problems) : stopped;
}

/** The data sets of all variants, each once. */
function wantedBy(variants: readonly Variant[]): readonly Wanted[] {
	const groups = groupBy(variants, ({params: {dataset, seed}}) => JSON.stringify([dataset, seed]));
	return [...groups.values()].map(group => {
		const {dataset, seed} = group[0]!.params;
		if (!Value.Check(datasetParams, dataset)) {
			throw new UserError('no-dataset', 'The params have no data set of a kind that is known here', {hint: 'This command looks at the "dataset" of the params of this project\'s pipeline.'});
		}

		const subsamples = group.map(({params}) => params.subsample as {readonly perClass?: number; readonly onShort?: string} | undefined);
		const perClass = [...new Set(subsamples.flatMap(subsample => subsample?.perClass ?? []))].toSorted((a, b) => a - b);
		return {dataset, perClass, stopsWhenShort: subsamples.some(subsample => subsample?.onShort === 'error'), seedOf: stage => seedOf(seed, stage)};
	});
}

async function check({dataset, seedOf: seedOfStage, ...demands}: Wanted, {root, signal}: {readonly root: string; readonly signal: AbortSignal}): Promise<Checked> {
	try {
		const examination = await examine(dataset, {root, signal, seedOf: seedOfStage});
		return {examination, findings: findingsOf(examination, {dataset, ...demands})};
	} catch (error) {
		if (!isUserError(error)) {
			throw error;
		}

		// What is wrong with the layout is a finding like any other.
		return {findings: [problemOf('data set', error)]};
	}
}

async function examine(dataset: DatasetParams, {root, signal, seedOf: seedOfStage}: {readonly root: string; readonly signal: AbortSignal; readonly seedOf: SeedOf}): Promise<Examination> {
	if (dataset.kind === 'procedural') {
		return examineDrawn(dataset, seedOfStage);
	}

	const folder = path.resolve(root, expandVariables(dataset.path));
	using progress = await startProgress('images');
	const examination = await examinePhotographs(dataset, {root: folder, files: listFolder(folder)}, {seedOf: seedOfStage, signal, onProgress: progress.show});
	return examination;
}

function listing({findings, examination}: Checked): string {
	if (!examination?.split) {
		process.stderr.write(`${linesOf(findings.filter(({status}) => status === 'problem')).join('\n')}\n`);
		return '';
	}

	return examination.listing.map(line => `${line}\n`).join('');
}

function text({findings, examination}: Checked, {all = false}: {readonly all?: boolean | undefined}): string {
	const count = (wanted: Finding['status']) => findings.filter(({status}) => status === wanted).length;
	const verdict = `${count('problem') === 0 ? 'usable' : 'not usable as it is'}: ${counted(count('problem'), 'problem')}, ${counted(count('warning'), 'warning')}`;
	return `${[...linesOf(findings), ...(all && examination ? table(examination) : []), verdict].join('\n')}\n`;
}

/** Everybody's numbers, aligned. */
function table({people}: Examination): readonly string[] {
	const rows = [['person', 'images', 'train', 'test', ''], ...people.map(({name, images, train, test, isPublic}) => [printable(name), ...[images, train, test].map(String), isPublic ? 'public' : ''])];
	const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)));
	return rows.map(row => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  ').trimEnd());
}

/** For machines: without the lines of the listing, which `--list` prints. */
function plain({findings, examination}: Checked): object {
	const isUsable = findings.every(({status}) => status !== 'problem');
	if (!examination) {
		return {isUsable, findings};
	}

	const {listing: _, splitError, ...facts} = examination;
	return {isUsable, findings, ...facts, ...(splitError && {splitError: splitError.message})};
}
