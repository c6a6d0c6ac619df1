import {mkdirSync} from 'node:fs';
import path from 'node:path';
import {pipeline} from '../helpers/cli.ts';
import {makeRig} from '../helpers/rig.ts';
import {Random} from './random.ts';
import {Round, type CleanRun, type World} from './round.ts';
import {Violation, digestsOf} from './invocation.ts';

/** A copy of the fixture, compiled; clean runs are made when they are first asked for. */
export async function makeWorld(): Promise<World & Disposable> {
	const rig = await makeRig('faults');
	const caches = path.join(rig.folder, 'caches');
	mkdirSync(caches);
	const known = new Map<string, Promise<CleanRun>>();
	const world: World = {
		folder: rig.folder,
		caches,
		async clean(set) {
			const key = set.join(' ');
			const made = known.get(key) ?? cleanRun(world, set);
			known.set(key, made);
			return made;
		},
	};
	// The first command compiles the pipeline, which would count as the duration of a run.
	await pipeline(rig, ['status']);
	await world.clean([]);
	return {
		...world,
		[Symbol.dispose]() {
			rig[Symbol.dispose]();
		},
	};
}

async function cleanRun(world: World, set: readonly string[]): Promise<CleanRun> {
	const round = new Round(world, new Random('clean'), `clean${set.join('')}`);
	const startedMs = performance.now();
	const ended = await round.run(['run', '--json', ...set.flatMap(value => ['--set', value])]);
	if (ended.exitCode !== 0) {
		throw new Violation(`a clean run ended with exit code ${ended.exitCode}\n${ended.text}`);
	}

	const durationMs = performance.now() - startedMs;
	// Remembers that there is nothing to do.
	await round.run(['run', ...set.flatMap(value => ['--set', value])]);
	return {digests: digestsOf(ended), report: round.report(), durationMs, lines: ended.events.length, cache: round.cache};
}
