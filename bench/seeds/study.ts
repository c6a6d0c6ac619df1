import path from 'node:path';
import process from 'node:process';
import {execa} from 'execa';
import {gradientSimilarity, reliability, scaledDistances, startMetrics} from '../../artifacts/analyses.ts';
import {attackMetrics} from '../../artifacts/records.ts';
import type {Table} from '../../artifacts/table.ts';
import {textArtifact, type ArtifactType} from '../../engine/artifact.ts';
import {defaultFiles} from '../../engine/default-files.ts';
import {Project} from '../../engine/project.ts';
import type {AblatedRun} from '../../reporting/analyses/ablations.ts';
import {comparedBy} from '../../reporting/analyses/compared.ts';
import {distanceTable} from '../../reporting/analyses/embedding-tables.ts';
import {similarityTable} from '../../reporting/analyses/gradient-similarity.ts';
import {reliabilityTable} from '../../reporting/analyses/reliability.ts';
import type {StudiedVariant} from '../../reporting/study/groups.ts';
import type {study as studyStage} from '../../stages/95-study.ts';

/** A variant of a study with what was measured. */
export type MeasuredVariant = StudiedVariant & AblatedRun;

/** What a study found with one seed. */
export type SeedStudy = {
	readonly seed: number;
	readonly variants: readonly MeasuredVariant[];
	/** Tables of the target models of the variants that are compared: distances, gradient similarity, calibration. */
	readonly analyses: {readonly embedding: Table; readonly similarity: Table; readonly reliability: Table};
	/** What computed it, such as `wasm 4.22.0`. */
	readonly backend: string;
};

/** Which study, and where it is kept. Paths are absolute. */
export type StudyOptions = {
	readonly paramsFile: string;
	/** Key path and value. */
	readonly overrides: ReadonlyArray<readonly [path: string, value: unknown]>;
	readonly cacheFolder: string;
	readonly reportsFolder: string;
};

const root = path.join(import.meta.dirname, '..', '..');

/** Brings the study of one seed up to date, and reads what it found. */
export async function runStudy(seed: number, {paramsFile, overrides, cacheFolder, reportsFolder}: StudyOptions): Promise<SeedStudy> {
	const changes = [...overrides, ['seed', seed]] as const;
	const places = ['--params', paramsFile, '--cache', cacheFolder, '--reports', path.join(reportsFolder, `seed-${seed}`)];
	await execa('node', ['bin/pipeline.cjs', 'run', 'study', ...places, ...changes.flatMap(([key, value]) => ['--set', `${key}=${JSON.stringify(value)}`])], {cwd: root, stdout: 'ignore', stderr: 'inherit'});
	await using project = await Project.open({...defaultFiles(root), paramsFile, overrides: changes, cacheFolder, backend: process.env.PIPELINE_BACKEND, workerFile: ''});
	// The project closes when this function ends, which must not be before everything is read.
	const study = await readStudy(project, seed);
	return study;
}

/** What the cache holds of a study. @throws {Error} when it is not up to date */
async function readStudy(project: Project, seed: number): Promise<SeedStudy> {
	const node = project.graph.nodes.find(({stage}) => stage.name === 'study')!;
	const states = await project.plan(project.needed([node]));
	const valuesOf = <Value>(input: string, type: ArtifactType<string, Value>): Readonly<Record<string, Value>> => {
		const ref = node.inputs[input];
		return Object.fromEntries(Object.entries(ref?.ref === 'each' ? ref.variants : {}).map(([variant, {node: from, output}]) => {
			const state = states.get(from);
			if (state?.state !== 'fresh') {
				throw new Error(`Expected ${from.name} to be up to date after its run`);
			}

			return [variant, type.decode(project.store.read(state.result.outputs[output]!.digest))];
		}));
	};

	const {studied, ...compared} = node.params as typeof studyStage.params.static;
	const [metrics, starts] = [valuesOf('metrics', attackMetrics), valuesOf('start', startMetrics)];
	return {
		seed,
		variants: studied.map(variant => ({...variant, seed, metrics: metrics[variant.name]!, start: starts[variant.name]!})),
		analyses: {
			embedding: distanceTable(comparedBy(compared, valuesOf('distances', scaledDistances))),
			similarity: similarityTable(comparedBy(compared, valuesOf('similarity', gradientSimilarity))),
			reliability: reliabilityTable(comparedBy(compared, valuesOf('reliability', reliability))),
		},
		backend: [...new Set(Object.values(valuesOf('backend', textArtifact('backend-name', 'txt'))))].join(', '),
	};
}
