import {execFileSync} from 'node:child_process';
import path from 'node:path';
import process from 'node:process';
import {layeredDag} from '../layered-dag.ts';
import {Scratch} from '../scratch.ts';
import {timed} from '../timing.ts';
import {Contestant} from './contestant.ts';
import type {Peer, Setting} from './peer.ts';
import type {Kind, SizeResult} from './result.ts';

export type RoundOptions = Omit<Setting, 'folder'> & {
	readonly runs: number;
	readonly coldRuns: number;
	/** Limits of one run. */
	readonly limitMs: number;
	readonly coldLimitMs: number;
	readonly report: (line: string) => void;
};

/** A cold run that took longer is not made again. */
const longMs = 60_000;

/** Lets peers take turns on the same DAG, so that what else the machine does touches all of them. */
export async function measureSize(nodes: number, peers: readonly Peer[], options: RoundOptions): Promise<SizeResult> {
	const {runs, coldRuns, limitMs, coldLimitMs, report} = options;
	using scratch = new Scratch(`layered-${nodes}-`);
	const dag = layeredDag(nodes);
	const contestants: Contestant[] = [];
	for (const peer of peers) {
		report(`${nodes} nodes  ${peer.name.padEnd(18)} writing the project`);
		contestants.push(new Contestant(peer, dag, {...options, folder: path.join(scratch.folder, peer.name)}));
	}

	const turn = async (kind: Kind, contestant: Contestant, limit: number) => {
		report(`${nodes} nodes  ${contestant.peer.name.padEnd(18)} ${kind.padEnd(8)} ${await contestant.measure(kind, limit)}`);
	};

	for (let round = 0; round < coldRuns; round++) {
		for (const contestant of contestants.filter(({isOut, measured}) => !isOut && (measured.cold.ms.at(-1) ?? 0) < longMs)) {
			await turn('cold', contestant, coldLimitMs);
		}
	}

	for (const contestant of contestants.filter(({isOut}) => !isOut)) {
		await contestant.warmUp(limitMs);
	}

	const bareNodeMs: number[] = [];
	for (let round = 0; round < runs; round++) {
		bareNodeMs.push(await bareNode(scratch.folder));
		for (const contestant of contestants.filter(({isOut}) => !isOut)) {
			await turn('nothing', contestant, limitMs);
			await turn('leaf', contestant, limitMs);
		}
	}

	return {nodes, bareNodeMs, peers: Object.fromEntries(contestants.map(({peer, measured}) => [peer.name, measured]))};
}

async function bareNode(cwd: string): Promise<number> {
	const result = await timed([process.execPath, '-e', '0'], {cwd, limitMs: 60_000, logFile: path.join(cwd, 'node.log')});
	return result.outcome === 'ended' ? result.ms : Number.NaN;
}

/** What a peer says its version is; nothing when it is not installed. */
export function versionOf({version}: Peer, home: string): string | undefined {
	try {
		const [program, ...args] = version(home);
		const text = execFileSync(program, args, {encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], env: {...process.env, NX_DAEMON: 'false'}});
		return /\d+(?:\.\d+){1,2}/.exec(text)?.[0];
	} catch {
		return undefined;
	}
}
