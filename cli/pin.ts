import process from 'node:process';
import {UserError} from '../engine/error.ts';
import type {Pin} from '../engine/pins.ts';
import {count, printable} from './format.ts';
import type {CommonOptions} from './main.ts';
import {openProject} from './open.ts';

/** `pipeline pin NODE…` and `pipeline pin --list`. */
export async function pin(names: readonly string[], options: CommonOptions & {readonly list?: boolean}): Promise<number> {
	await using project = await openProject(options);
	const {pins} = project.store;
	if (options.list) {
		print(pins.all(), options);
		return 0;
	}

	if (names.length === 0) {
		throw new UserError('pin-what', 'There is nothing to pin', {hint: 'Name nodes, stages or goals: pipeline pin NODE…; to see what is pinned: pipeline pin --list'});
	}

	const nodes = project.find(names);
	const states = await project.plan(project.needed(nodes));
	const stale = nodes.filter(node => states.get(node)!.state !== 'fresh').map(({name}) => name);
	if (stale.length > 0) {
		throw new UserError('node-stale', `There is no up-to-date result of ${stale.join(', ')} to pin`, {hint: `Run it first: pipeline run ${stale.join(' ')}`});
	}

	const pinnedAt = new Date().toISOString();
	const pinned = nodes.flatMap(node => {
		const state = states.get(node)!;
		return state.state === 'fresh' ? [{fingerprint: state.result.fingerprint, nodeName: node.name, pinnedAt}] : [];
	});
	pins.add(pinned);
	print(pinned, options);
	return 0;
}

/** `pipeline unpin NODE…`. */
export async function unpin(names: readonly string[], options: CommonOptions): Promise<number> {
	await using project = await openProject(options);
	const {pins} = project.store;
	const all = pins.all();
	const found = names.flatMap(name => {
		const matching = all.filter(({nodeName, fingerprint}) => nodeName === name || nodeName.split(/[@#]/)[0] === name || (name.length >= 6 && fingerprint.startsWith(name)));
		if (matching.length === 0) {
			const known = [...new Set(all.map(({nodeName}) => nodeName))];
			throw new UserError('pin-unknown', `"${name}" is not pinned`, {hint: known.length === 0 ? 'Nothing is pinned.' : `Pinned are: ${known.join(', ')}`});
		}

		return matching;
	});
	pins.remove(found.map(({fingerprint}) => fingerprint));
	if (options.json) {
		print(found, options);
	} else {
		process.stdout.write(`unpinned ${count(new Set(found).size, 'result')}\n`);
	}

	return 0;
}

function print(pins: readonly Pin[], {json}: CommonOptions): void {
	if (json) {
		process.stdout.write(`${JSON.stringify(pins)}\n`);
		return;
	}

	const width = Math.max(0, ...pins.map(({nodeName}) => nodeName.length));
	const lines = pins.map(({nodeName, fingerprint, pinnedAt}) => `pinned  ${printable(nodeName).padEnd(width)}  ${fingerprint}  on ${pinnedAt.slice(0, 10)}`);
	process.stdout.write(`${lines.length === 0 ? 'Nothing is pinned.' : lines.join('\n')}\n`);
}
