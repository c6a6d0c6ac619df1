import process from 'node:process';
import pc from 'picocolors';
import type {AnyArtifactType, ByteSource} from '../engine/artifact.ts';
import {isDigest, type Digest} from '../engine/digest.ts';
import {UserError} from '../engine/error.ts';
import {allGoals} from '../engine/graph.ts';
import {OpenedFiles} from '../engine/opened-files.ts';
import type {Project} from '../engine/project.ts';
import type {Result} from '../engine/store.ts';
import {formatBytes, formatDuration, printable} from './format.ts';
import {findOne, openProject, recordedElsewhere} from './open.ts';
import {writeOutput} from './output-file.ts';
import type {CommonOptions} from './main.ts';

/** `pipeline show NODE|NODE.OUTPUT|DIGEST`. */
export async function show([name]: readonly string[], options: CommonOptions & {readonly to?: string}): Promise<number> {
	await using project = await openProject(options);
	const digests = await findArtifacts(project, name!);
	if (options.to !== undefined) {
		if (digests.length > 1) {
			throw new UserError('artifact-ambiguous', `"${name}" has ${digests.length} outputs`, {hint: `Name one of them: ${digests.map(({output}) => `${name}.${output}`).join(', ')}`});
		}

		using files = new OpenedFiles();
		writeOutput(options.to, piecesOf(project.store.open(digests[0]!.digest, files)));
		return 0;
	}

	for (const {digest} of digests) {
		const text = options.json ? JSON.stringify(facts(project, digest)) : describe(project, digest);
		process.stdout.write(`${text}\n`);
	}

	return 0;
}

const pieceBytes = 16 * (1024 ** 2);

function * piecesOf({sizeBytes, read}: ByteSource): Iterable<Uint8Array> {
	for (let start = 0; start < sizeBytes; start += pieceBytes) {
		yield read(start, Math.min(start + pieceBytes, sizeBytes));
	}
}

type Found = {readonly digest: Digest; readonly output: string};

async function findArtifacts(project: Project, name: string): Promise<readonly Found[]> {
	if (/^[\da-f]{6,32}$/.test(name)) {
		const found = isDigest(name) ? [name] : project.store.digestsStarting(name);
		if (found.length === 1) {
			return [{digest: found[0]!, output: ''}];
		}

		if (found.length > 1) {
			throw new UserError('digest-ambiguous', `Several objects start with "${name}"`, {hint: `Give more digits: ${found.join(', ')}`});
		}
	}

	const elsewhere = recordedElsewhere(project, name);
	if (elsewhere) {
		return outputsOf(name, elsewhere);
	}

	const names = new Set(project.graph.nodes.map(node => node.name));
	const dot = names.has(name) ? -1 : name.lastIndexOf('.');
	const node = findOne(project, dot === -1 ? name : name.slice(0, dot));
	const state = (await project.plan(project.needed([node]))).get(node)!;
	if (state.state !== 'fresh') {
		throw new UserError('artifact-stale', `"${node.name}" is not up to date`, {hint: `Run it first: pipeline run ${node.name}`});
	}

	return outputsOf(node.name, state.result, dot === -1 ? allGoals(project.graph)[name]?.output : name.slice(dot + 1));
}

function outputsOf(nodeName: string, {outputs}: Result, wanted?: string): readonly Found[] {
	const found = Object.entries(outputs).filter(([output]) => wanted === undefined || output === wanted);
	if (found.length === 0) {
		throw new UserError('output-unknown', `"${nodeName}" has no output "${wanted}"`, {hint: `Its outputs: ${Object.keys(outputs).join(', ')}`});
	}

	return found.map(([output, {digest}]) => ({digest, output}));
}

function facts(project: Project, digest: Digest): object {
	const makers = project.store.resultsWith(digest);
	using files = new OpenedFiles();
	const {sizeBytes} = project.store.open(digest, files);
	return {
		digest,
		sizeBytes,
		kind: makers[0]?.result.outputs[makers[0].output]?.kind,
		madeBy: makers.map(({result, output}) => ({node: result.nodeName, output, fingerprint: result.fingerprint, ingredients: result.ingredients, provenance: result.provenance})),
	};
}

function describe(project: Project, digest: Digest): string {
	const makers = project.store.resultsWith(digest);
	using files = new OpenedFiles();
	const source = project.store.open(digest, files);
	const {sizeBytes} = source;
	const kind = makers[0]?.result.outputs[makers[0].output]?.kind ?? 'unknown kind';
	const type = kindOf(project, kind);
	const lines = makers.map(({result: {nodeName, provenance}, output}) =>
		pc.dim(`  made as ${nodeName}.${output} on ${provenance.startedAt} in ${formatDuration(provenance.durationMs)}, commit ${provenance.commit?.slice(0, 10) ?? 'unknown'}`));
	return [`${pc.bold(digest)}  ${kind}, ${formatBytes(sizeBytes)}`, ...lines, ...(type?.preview ? [printable(type.preview(type.open ? type.open(source) : type.decode(source.read(0, sizeBytes))))] : [])].join('\n');
}

function kindOf(project: Project, kind: string): AnyArtifactType | undefined {
	return project.graph.nodes.flatMap(node => Object.values(node.stage.outputs as Record<string, AnyArtifactType>)).find(type => type.kind === kind);
}
