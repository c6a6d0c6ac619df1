import {readFileSync} from 'node:fs';
import test from 'ava';
import {ablatedVariants} from '../../../reporting/analyses/ablated-variants.ts';
import {studyGroups, type StudiedVariant} from '../../../reporting/study/groups.ts';

const variant = (name: string, patch: Readonly<Record<string, unknown>>, {alpha = 0, samples = 20} = {}): StudiedVariant => ({name, alpha, samples, seed: 0, patch});

const mid = {kind: 'mid', lambda: 0.1};
const variants = [
	variant('positive', {'target.alpha': 0.1}, {alpha: 0.1}),
	variant('standard', {}),
	variant('negative', {'target.alpha': -0.05}, {alpha: -0.05}),
	variant('mid', {'target.defense': mid}),
	variant('few', {'subsample.perClass': 10}, {samples: 10}),
	variant('few-negative', {'subsample.perClass': 10, 'target.alpha': -0.05}, {alpha: -0.05, samples: 10}),
	variant('ablated', {'surrogate.reconstructions': 'selected', 'sampling.target': {alpha: 0.1}}),
];

test('variants stand in the groups whose params they change, and no smoothing in all of them', t => {
	t.deepEqual(studyGroups(variants).map(({title, paths, points}) => [title, paths, points.map(({name, values}) => [name, ...values])]), [
		['Smoothing factors', ['target.alpha'], [['negative', -0.05], ['standard', 0], ['positive', 0.1]]],
		['Defences', ['target.defense'], [['standard', {kind: 'none'}], ['negative', {kind: 'label-smoothing', alpha: -0.05}], ['mid', mid]]],
		['Samples per class', ['subsample.perClass', 'target.alpha'], [['few-negative', 10, -0.05], ['few', 10, 0], ['negative', 20, -0.05], ['standard', 20, 0]]],
	]);
	t.deepEqual(ablatedVariants(variants).map(({name}) => name), ['ablated']);
});

test('a group without anything to compare is left out', t => {
	t.deepEqual(studyGroups(variants.slice(0, 3)).map(({title}) => title), ['Smoothing factors']);
	t.deepEqual(studyGroups(variants.slice(1, 2)), []);
});

test('every variant of the study preset stands in a group or among the ablations', t => {
	const {variants: patches} = JSON.parse(readFileSync(new URL('../../../presets/study.json', import.meta.url), 'utf8')) as {variants: Record<string, Record<string, unknown>>};
	const all = Object.entries(patches).map(([name, patch]) => variant(name, patch, {alpha: Number(patch['target.alpha'] ?? 0), samples: Number(patch['subsample.perClass'] ?? 20)}));
	const placed = new Set([...studyGroups(all).flatMap(({points}) => points.map(({name}) => name)), ...ablatedVariants(all).map(({name}) => name)]);
	t.deepEqual(all.map(({name}) => name).filter(name => !placed.has(name)), []);
	t.is(studyGroups(all).length, 3);
});
