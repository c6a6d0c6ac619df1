import path from 'node:path';
import type {InputRef, Node} from '../../engine/graph.ts';
import {baseName} from '../../engine/nearest.ts';
import type {NodeState} from '../../engine/plan.ts';
import {formatDuration, formatReason} from '../format.ts';
import {groupBy} from '../../engine/group-by.ts';

/** What is drawn as one box: a node, the nodes of one name in several variants, or a folder or file that is read. */
export type Box = {
	/** Letters and digits; unique in its drawing. */
	readonly id: string;
	readonly title: string;
	/** Below the title, in words. */
	readonly lines: readonly string[];
	/** What is to be done about it: of several nodes, the most urgent state. */
	readonly state: NodeState['state'] | 'folder';
	/** The one variant it belongs to; absent when it belongs to several, when there is only one, and for boxes of several nodes. */
	readonly variant: string | undefined;
};

/** An arrow between boxes; labels name the outputs that go along it, where the maker has several. */
export type Arrow = {readonly from: string; readonly to: string; readonly labels: readonly string[]};

export type Drawing = {readonly boxes: readonly Box[]; readonly arrows: readonly Arrow[]};

export type DrawingOptions = {
	/** A box for every node, instead of one for all variants of a node. */
	readonly isExpanded: boolean;
	/** Paths of folders and files are shown relative to this one when they are inside it. */
	readonly root: string;
};

/** Longer reasons are cut. */
const reasonLength = 56;

/** Turns nodes and what is known of them into boxes and arrows. */
export function draw(states: ReadonlyMap<Node, NodeState>, {isExpanded, root}: DrawingOptions): Drawing {
	const variantCount = new Set([...states.keys()].flatMap(({variants}) => [...variants])).size;
	const keyOf = (node: Node) => (isExpanded ? node.name : baseName(node.name));
	const groups = groupBy([...states.keys()], node => keyOf(node));
	const sourceKinds = new Map([...states.keys()].flatMap(node => Object.values(node.inputs).flatMap(input => (input.ref === 'folder' || input.ref === 'file' ? [[input.path, input.ref] as const] : []))));
	const nodeIds = new Map([...groups.keys()].map((key, index) => [key, `n${index + 1}`]));
	const sourceIds = new Map([...sourceKinds.keys()].map((source, index) => [source, `f${index + 1}`]));
	const boxes = [
		...[...sourceIds].map(([source, id]): Box => ({id, title: shownPath(source, root), lines: [sourceKinds.get(source)!], state: 'folder', variant: undefined})),
		...[...groups].map(([key, nodes]): Box => ({id: nodeIds.get(key)!, title: nodes.length === 1 ? nodes[0]!.name : key, ...describe(nodes.map(node => [node, states.get(node)!] as const)), variant: isExpanded && variantCount > 1 ? onlyVariant(nodes[0]!) : undefined})),
	];

	const arrows = new Map<string, Arrow & {readonly labels: string[]}>();
	for (const node of states.keys()) {
		for (const {from, label} of Object.values(node.inputs).flatMap(input => sources(input))) {
			const [start, end] = [typeof from === 'string' ? sourceIds.get(from)! : nodeIds.get(keyOf(from))!, nodeIds.get(keyOf(node))!];
			const arrow = arrows.get(`${start} ${end}`) ?? {from: start, to: end, labels: []};
			if (label !== undefined && !arrow.labels.includes(label)) {
				arrow.labels.push(label);
			}

			arrows.set(`${start} ${end}`, arrow);
		}
	}

	// Nodes of one name may depend on each other; merged into one box, they need no arrow.
	return {boxes, arrows: [...arrows.values()].filter(({from, to}) => from !== to)};
}

/** Node, folder or file at the other end of an input, and the output that is used when there are several to choose from. */
function sources(input: InputRef): ReadonlyArray<{readonly from: Node | string; readonly label: string | undefined}> {
	switch (input.ref) {
		case 'artifact': {
			return [{from: input.node, label: Object.keys(input.node.stage.outputs as object).length > 1 ? input.output : undefined}];
		}

		case 'each': {
			return Object.values(input.variants).flatMap(ref => sources(ref));
		}

		case 'folder':
		case 'file': {
			return [{from: input.path, label: undefined}];
		}
	}
}

function describe(nodes: ReadonlyArray<readonly [Node, NodeState]>): Pick<Box, 'lines' | 'state'> {
	const states = nodes.map(([, state]) => state);
	const count = (wanted: NodeState['state']) => states.filter(({state}) => state === wanted).length;
	const state = (['stale', 'waiting', 'fresh'] as const).find(wanted => count(wanted) > 0)!;
	const reasons = [...new Set(states.flatMap(state => (state.state === 'stale' ? [formatReason(state.why)] : [])))];
	const reason = reasons.length > 1 ? [`${reasons.length} different reasons`] : reasons.map(reason => shorten(reason));
	const durationMs = states.reduce((sum, state) => sum + (state.state === 'fresh' ? state.result.provenance.durationMs : 0), 0);
	const duration = count('fresh') > 0 ? ` · ${formatDuration(durationMs)}` : '';
	if (nodes.length === 1) {
		return {state, lines: [`${state}${duration}`, ...reason]};
	}

	const counts = (['fresh', 'stale', 'waiting'] as const).filter(wanted => count(wanted) > 0).map(wanted => `${count(wanted)} ${wanted}`);
	const isOneEach = nodes.every(([{variants}]) => variants.size === 1);
	return {state, lines: [`${nodes.length} ${isOneEach ? 'variants' : 'nodes'}: ${counts.length === 1 ? state : counts.join(', ')}${duration}`, ...reason]};
}

function onlyVariant({variants}: Node): string | undefined {
	return variants.size === 1 ? [...variants][0] : undefined;
}

function shorten(text: string): string {
	return text.length > reasonLength ? `${text.slice(0, reasonLength)}…` : text;
}

function shownPath(folder: string, root: string): string {
	const relative = path.relative(root, folder);
	return relative === '' || relative.startsWith('..') || path.isAbsolute(relative) ? folder : relative;
}
