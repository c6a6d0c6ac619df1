import {createHash} from 'node:crypto';
import {readdirSync, readFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {execa} from 'execa';
import test from 'ava';
import {loadPipeline} from '../engine/code.ts';
import {buildGraph, delivered, neededFor, sourcesOf, type Graph, type Node} from '../engine/graph.ts';
import {loadVariants, paramsSchema} from '../engine/params.ts';
import {planSweep, type SweepRequest} from '../engine/sweep.ts';

const root = path.join(import.meta.dirname, '..');
const {pipeline} = await loadPipeline(path.join(root, 'pipeline.ts'));

type Overrides = ReadonlyArray<readonly [path: string, value: unknown]>;

/** The graph of a params file with some params changed. */
function graphOf(overrides: Overrides = [], file = 'params.json'): Graph {
	return buildGraph(pipeline, loadVariants(pipeline.params, {file: path.join(root, file), overrides}), root);
}

/** The toy example shares nothing with the experiment and has tests of its own. */
const isToy = ({stage}: Node) => stage.name.startsWith('toy-');

const namesOf = ({nodes}: Graph) => nodes.filter(node => !isToy(node)).map(({name}) => name).toSorted((a, b) => (a < b ? -1 : 1));

/** The node of a name, or of a name and one of the variants that share it. */
function nodeOf({nodes}: Graph, name: string): Node {
	const [base, variant] = name.split('@');
	const node = nodes.find(other => other.name === name)
		?? nodes.find(other => other.name.split('@')[0] === base && variant !== undefined && other.variants.has(variant));
	if (!node) {
		throw new Error(`There is no node "${name}" among ${nodes.map(other => other.name).join(', ')}`);
	}

	return node;
}

/** Name of the node that is wired to an input. */
function sourceOf(graph: Graph, name: string, input: string): string {
	const ref = nodeOf(graph, name).inputs[input];
	return ref?.ref === 'artifact' ? ref.node.name : String(ref?.ref);
}

const identities = new WeakMap<Node, string>();

/** A digest of the stage, params, seed and inputs of a node: nodes far downstream would otherwise spell out all the graph, again and again. */
function identityOf(node: Node): string {
	const {stage, seed, paramsText, inputs} = node;
	const identity = identities.get(node) ?? createHash('sha256').update(JSON.stringify([stage.name, seed, paramsText, Object.values(inputs).map(input => (input.ref === 'folder' ? input.path : sourcesOf(input).map(source => identityOf(source))))])).digest('hex');
	identities.set(node, identity);
	return identity;
}

/** Names of the nodes that two graphs share: the same stage, params, seed and inputs. */
function sharedNames(first: Graph, second: Graph): string[] {
	const known = new Set(first.nodes.map(node => identityOf(node)));
	return second.nodes.filter(node => known.has(identityOf(node)) && !isToy(node)).map(({name}) => name).toSorted((a, b) => (a < b ? -1 : 1));
}

const shared = ['embedding-faces', 'embedding-on-train', 'embedding-training', 'evaluation-on-train', 'evaluation-training', 'generator-training', 'image-split', 'latent-pool', 'prior-faces', 'private-faces', 'subsample'];
/** What models say, by variant. */
const said = ['embedding-on-initial', 'embedding-on-selected', 'evaluation-features-on-initial', 'evaluation-on-initial', 'evaluation-on-optimized', 'evaluation-on-selected', 'surrogate-on-test', 'surrogate-on-train', 'target-features-on-train', 'target-on-test', 'target-on-train'];
const perVariant = [...said, 'calibration', 'candidate-reconstruction', 'feature-distances', 'gradient-cosines', 'metrics', 'optimization', 'reconstruction', 'sampling', 'selection', 'start-metrics', 'surrogate-training', 'target-training', 'tsne'];
const variants = ['negative', 'positive', 'standard'];
const byVariant = (...names: readonly string[]) => names.flatMap(name => variants.map(variant => `${name}@${variant}`));
/** What looks at results and runs when it is asked for. */
const analyses = ['embedding', 'gradient-similarity', 'reliability', 'stage-ablations'];
const everything = ['comparison', 'report', 'study', ...analyses, ...shared, ...perVariant.flatMap(name => variants.map(variant => `${name}@${variant}`))].toSorted((a, b) => (a < b ? -1 : 1));

test('data, judges, generator and pool are shared, target models and attacks are not', t => {
	const graph = graphOf();
	t.deepEqual(namesOf(graph), everything);
	t.deepEqual(graph.variants, ['positive', 'standard', 'negative']);
});

test('analyses run when they are asked for, each alone', t => {
	const graph = graphOf();
	t.deepEqual(namesOf({...graph, nodes: delivered(graph)!}), ['comparison', 'report']);
	t.deepEqual(Object.keys(graph.onRequest ?? {}).toSorted((a, b) => (a < b ? -1 : 1)), [...analyses, 'study', 'toy']);
	for (const name of analyses) {
		t.deepEqual(delivered(graph, name)?.map(node => node.name), [name]);
	}

	t.deepEqual(delivered(graph, 'study')!.map(node => node.name).toSorted((a, b) => (a < b ? -1 : 1)), ['embedding', 'gradient-similarity', 'reliability', 'study']);
	const needed = new Set(neededFor(graph, delivered(graph, 'embedding')!).map(node => node.name.split('@')[0]));
	t.deepEqual([...needed].toSorted((a, b) => (a! < b! ? -1 : 1)), ['embedding', 'feature-distances', 'image-split', 'private-faces', 'subsample', 'target-features-on-train', 'target-training', 'tsne']);
});

test('the ablations give each attack stage another target model, and share all they can', t => {
	const graph = graphOf([], 'presets/ablations.json');
	const smoothingOf = (stage: string, variant: string) => {
		const ref = nodeOf(graph, `${stage}@${variant}`).inputs.target;
		return ref?.ref === 'artifact' ? ref.node.params.alpha : undefined;
	};

	t.deepEqual(graph.variants.map(variant => [variant, ...['sampling', 'optimization', 'selection'].map(stage => smoothingOf(stage, variant))]), [
		['standard', 0, 0, 0],
		['negative', -0.05, -0.05, -0.05],
		['no-selection', 0, 0, 0],
		['sampled-by-positive', 0.1, 0, 0],
		['sampled-by-negative', -0.05, 0, 0],
		['optimized-by-positive', 0, 0.1, 0],
		['optimized-by-negative', 0, -0.05, 0],
		['standard-selected-by-positive', 0, 0, 0.1],
		['standard-selected-by-negative', 0, 0, -0.05],
		['negative-selected-by-positive', -0.05, -0.05, 0.1],
		['negative-selected-by-standard', -0.05, -0.05, 0],
	]);
	const count = (stage: string) => graph.nodes.filter(node => node.stage.name === stage).length;
	t.deepEqual([count('target-training'), count('sampling'), count('optimization')], [3, 3, 6]);
	// The surrogate learns from what was selected, as the paper's does.
	t.is(sourceOf(graph, 'surrogate-training@no-selection', 'reconstructions'), 'reconstruction@no-selection');
});

test('ablations of the study are compared with variants of the same surrogate alone', t => {
	const {inputs: {metrics}, params} = nodeOf(graphOf([], 'presets/study.json'), 'stage-ablations');
	t.deepEqual(Object.keys(metrics?.ref === 'each' ? metrics.variants : {}), [
		'ablation',
		'ablation-negative',
		'no-selection',
		'sampled-by-positive',
		'sampled-by-negative',
		'optimized-by-positive',
		'optimized-by-negative',
		'standard-selected-by-positive',
		'standard-selected-by-negative',
		'negative-selected-by-positive',
		'negative-selected-by-standard',
	]);
	t.deepEqual((params.runs as ReadonlyArray<{readonly name: string}>).map(({name}) => name).slice(0, 2), ['ablation', 'ablation-negative']);
});

test('every attack stage sees the target model of its variant', t => {
	const graph = graphOf();
	for (const stage of ['sampling', 'optimization', 'selection']) {
		t.is(sourceOf(graph, `${stage}@negative`, 'target'), 'target-training@negative');
	}

	for (const [input, source] of [['targetTest', 'target-on-test@negative'], ['targetTrain', 'target-on-train@negative']] as const) {
		t.is(sourceOf(graph, 'metrics@negative', input), source);
		t.is(sourceOf(graph, source, 'model'), 'target-training@negative');
	}
});

test('the surrogate learns from all candidates, the picture sheet shows the selected', t => {
	const graph = graphOf();
	t.is(sourceOf(graph, 'surrogate-training@standard', 'reconstructions'), 'candidate-reconstruction@standard');
	t.is(sourceOf(graph, 'candidate-reconstruction@standard', 'latents'), 'optimization@standard');
	t.is(sourceOf(graph, 'reconstruction@standard', 'latents'), 'selection@standard');
});

test('judges see the latents of each attack stage, and training images once for all variants', t => {
	const graph = graphOf();
	for (const [input, node, model, latents] of [
		['selected', 'evaluation-on-selected', 'evaluation-training', 'selection'],
		['optimized', 'evaluation-on-optimized', 'evaluation-training', 'optimization'],
		['initial', 'evaluation-on-initial', 'evaluation-training', 'sampling'],
		['selectedFaces', 'embedding-on-selected', 'embedding-training', 'selection'],
	] as const) {
		t.is(sourceOf(graph, 'metrics@standard', input), `${node}@standard`);
		t.is(sourceOf(graph, `${node}@standard`, 'model'), model);
		t.is(sourceOf(graph, `${node}@standard`, 'latents'), `${latents}@standard`);
	}

	for (const [input, node] of [['train', 'evaluation-on-train'], ['trainFaces', 'embedding-on-train'], ['fidTrain', 'evaluation-on-train'], ['fidelityTrain', 'evaluation-on-train']] as const) {
		t.is(sourceOf(graph, 'metrics@negative', input), node);
		t.is(sourceOf(graph, node, 'images'), 'subsample');
	}
});

test('reconstructions are compared with what the target model was trained on, or with all that there is', t => {
	const comparedBy = (graph: Graph) => Object.fromEntries(['evaluation-on-train', 'embedding-on-train', 'surrogate-on-train@few', 'target-on-train@few', 'target-features-on-train@few']
		.map(name => [name, sourceOf(graph, name, 'images')]));
	const few: Overrides = [['variants', {few: {'subsample.perClass': 5}}], ['comparison.baseline', 'few']];
	const own = {'target-on-train@few': 'subsample', 'target-features-on-train@few': 'subsample'};
	t.deepEqual(comparedBy(graphOf(few)), {'evaluation-on-train': 'subsample', 'embedding-on-train': 'subsample', 'surrogate-on-train@few': 'subsample', ...own});
	const all = {'evaluation-on-train': 'image-split', 'embedding-on-train': 'image-split', 'surrogate-on-train@few': 'image-split', ...own};
	t.deepEqual(comparedBy(graphOf([...few, ['metrics', {trainingImages: 'all'}]])), all);
	t.deepEqual(comparedBy(graphOf([...few, ['metrics', {}]])), all, '"all" is the default');

	// Whatever shares its judges, the features of real images are then worked out once for all numbers of images per class.
	const samples = graphOf([], 'presets/facescrub-samples.json');
	t.deepEqual([...new Set(samples.nodes.map(({name}) => name).filter(name => /^(?:evaluation|embedding|fid)-on-train/.test(name)))].toSorted(), ['embedding-on-train', 'evaluation-on-train', 'fid-on-train']);
	t.deepEqual(['evaluation-on-train', 'embedding-on-train', 'fid-on-train'].map(name => sourceOf(samples, name, 'images')), ['image-split-299', 'image-split-160', 'image-split-299']);
	t.deepEqual([...new Set(sourcesOf(nodeOf(samples, 'report').inputs.compared!).map(({name}) => name))], ['image-split']);
});

test('the attacker never sees a private person', t => {
	const graph = graphOf();
	t.is(sourceOf(graph, 'generator-training', 'images'), 'prior-faces');
	t.is(sourceOf(graph, 'embedding-training', 'images'), 'embedding-faces');
});

test('each population is drawn from a seed of its own', t => {
	const graph = graphOf();
	t.is(new Set(['private-faces', 'prior-faces', 'embedding-faces'].map(name => nodeOf(graph, name).seed)).size, 3);
});

test('target models of all variants start from the same seed', t => {
	const graph = graphOf();
	t.is(new Set(variants.map(variant => nodeOf(graph, `target-training@${variant}`).seed)).size, 1);
});

/** A variant that attacks one stage with another target model. */
const ablation = (patch: object): Overrides => [['variants', {standard: {}, positive: {'target.alpha': 0.1}, mixed: patch}]];

test('a stage ablation takes the target model of another variant', t => {
	const graph = graphOf(ablation({'sampling.target.alpha': 0.1}));
	t.is(sourceOf(graph, 'sampling@mixed', 'target'), 'target-training@positive+mixed');
	for (const [stage, input] of [['optimization@mixed', 'target'], ['selection@mixed', 'target'], ['target-on-test@mixed', 'model']] as const) {
		t.is(sourceOf(graph, stage, input), 'target-training@standard+mixed');
	}

	t.is(nodeOf(graph, 'sampling@mixed').name, 'sampling@positive+mixed');
	t.is(nodeOf(graph, 'optimization@mixed').name, 'optimization@mixed');
	t.is(graph.nodes.filter(({stage}) => stage.name === 'target-training').length, 2);
});

test('a stage ablation trains the target model no other variant has', t => {
	const graph = graphOf(ablation({'optimization.target.alpha': 0.3}));
	t.is(graph.nodes.filter(({stage}) => stage.name === 'target-training').length, 3);
	t.is(nodeOf(graph, sourceOf(graph, 'optimization@mixed', 'target')).params.alpha, 0.3);
	t.is(sourceOf(graph, 'sampling@mixed', 'target'), sourceOf(graph, 'sampling@standard', 'target'));
	t.is(sourceOf(graph, 'selection@mixed', 'target'), sourceOf(graph, 'target-on-test@mixed', 'model'));
});

test('no defence is the standard target model, label smoothing as a defence the smoothed one', t => {
	const graph = graphOf([['variants', {
		standard: {},
		negative: {'target.alpha': -0.05},
		none: {'target.defense': {kind: 'none'}},
		smoothed: {'target.defense': {kind: 'label-smoothing', alpha: -0.05}},
		mid: {'target.defense': {kind: 'mid', lambda: 0.01}},
		attacked: {'optimization.target.defense': {kind: 'mid', lambda: 0.01}},
	}]]);
	t.deepEqual(namesOf(graph).filter(name => name.startsWith('target-training')), ['target-training@mid+attacked', 'target-training@negative+smoothed', 'target-training@standard+none+attacked']);
	t.deepEqual(nodeOf(graph, 'target-training@mid').params.defense, {kind: 'mid', lambda: 0.01, noiseAtEvaluation: true});
	t.deepEqual(nodeOf(graph, 'comparison').params.variants, [
		['standard', 0], ['negative', -0.05], ['none', 0], ['smoothed', -0.05], ['mid', 0], ['attacked', 0],
	].map(([name, alpha]) => ({name, alpha})));
});

test('a stage ablation that changes nothing shares its stages', t => {
	const graph = graphOf(ablation({'sampling.target.alpha': 0}));
	t.is(sourceOf(graph, 'optimization@standard+mixed', 'initial'), 'sampling@standard+mixed');
});

test('another smoothing factor leaves everything but the attack shared', t => {
	t.deepEqual(
		sharedNames(graphOf(), graphOf([['variants', {standard: {'target.alpha': 0.2}}], ['comparison.baseline', 'standard']])),
		shared,
	);
});

test('another smoothing factor of one variant leaves the others\' nodes shared', t => {
	const changed = graphOf([['variants', {positive: {'target.alpha': 0.2}, standard: {'target.alpha': 0}, negative: {'target.alpha': -0.05}}]]);
	t.deepEqual(sharedNames(graphOf(), changed), [...shared, ...perVariant.flatMap(name => [`${name}@negative`, `${name}@standard`])].toSorted((a, b) => (a < b ? -1 : 1)));
});

test('another global seed changes all seeds', t => {
	const [first, second] = [graphOf(), graphOf([['seed', 1]])];
	const seeded = first.nodes.filter(({seed}) => seed !== null);
	t.deepEqual(seeded.filter(({name, seed}) => nodeOf(second, name).seed === seed), []);
	t.deepEqual([...new Set(first.nodes.filter(node => node.seed === null && !isToy(node)).map(({stage}) => stage.name))], ['reconstruction', 'image-predictions', 'latent-predictions', 'metrics', 'start-metrics', 'feature-distances', 'tsne', 'calibration', 'comparison', 'report', 'embedding', 'gradient-similarity', 'reliability', 'stage-ablations', 'study']);
	t.deepEqual(sharedNames(first, second), []);
});

test('a variant may have a seed of its own', t => {
	const graph = graphOf([['variants', {standard: {}, again: {seed: 1}}]]);
	t.not(nodeOf(graph, 'target-training@standard').seed, nodeOf(graph, 'target-training@again').seed);
	t.is(graph.nodes.filter(({stage}) => stage.name === 'image-split').length, 2);
});

test('params that only say how a page looks change the page alone', t => {
	const before = graphOf();
	t.deepEqual(namesOf(before).filter(name => !sharedNames(before, graphOf([['report.identities', 3]])).includes(name)), ['report']);
});

test('photographs are read once, split into people, and nobody else is asked', t => {
	const graph = graphOf([['dataset.path', '/photos']], 'presets/orl-faces.json');
	const names = namesOf(graph);
	t.deepEqual(names.filter(name => !everything.includes(name)), ['identity-split', 'image-folder']);
	t.deepEqual(everything.filter(name => !names.includes(name)), ['embedding-faces', 'prior-faces', 'private-faces']);
	t.deepEqual(nodeOf(graph, 'image-folder').inputs, {files: {ref: 'folder', path: '/photos'}});
	const outputOf = (name: string, input: string) => (nodeOf(graph, name).inputs[input] as {output?: string}).output;
	t.is(sourceOf(graph, 'image-split', 'images'), 'identity-split');
	t.is(outputOf('image-split', 'images'), 'private');
	t.deepEqual([outputOf('generator-training', 'images'), outputOf('embedding-training', 'images')], ['public', 'public']);
});

test('a relative folder starts where pipeline.ts is', t => {
	const graph = graphOf([['dataset.path', '../photos']], 'presets/orl-faces.json');
	t.deepEqual(nodeOf(graph, 'image-folder').inputs.files, {ref: 'folder', path: path.join(root, '../photos')});
});

test('every preset is valid', t => {
	const presets = readdirSync(path.join(root, 'presets')).filter(file => file.endsWith('.json'));
	t.deepEqual(presets.filter(file => graphOf([], path.join('presets', file)).nodes.length === 0), []);
	t.true(presets.includes('miniature.json') && presets.includes('orl-faces.json'));
});

test('params files point editors to the schema', t => {
	const {$schema} = JSON.parse(readFileSync(path.join(root, 'params.json'), 'utf8')) as {$schema: string};
	t.is($schema, './params.schema.json');
	for (const preset of readdirSync(path.join(root, 'presets'))) {
		t.is((JSON.parse(readFileSync(path.join(root, 'presets', preset), 'utf8')) as {$schema: string}).$schema, '../params.schema.json');
	}
});

test('the committed schema is the one that `pipeline schema` prints', async t => {
	const {stdout} = await execa(process.execPath, [path.join(root, 'bin/pipeline.cjs'), 'schema', '--pipeline', path.join(root, 'pipeline.ts')]);
	t.is(`${stdout}\n`, readFileSync(path.join(root, 'params.schema.json'), 'utf8'));
});

/** Paths of the properties below a schema that no sentence explains. */
function undescribed(schema: {readonly properties?: object; readonly anyOf?: readonly object[]; readonly oneOf?: readonly object[]}, at = ''): string[] {
	const branches = [...schema.anyOf ?? [], ...schema.oneOf ?? []].flatMap(branch => undescribed(branch, at));
	const properties = Object.entries(schema.properties ?? {}).flatMap(([name, property]: [string, object]) => {
		const key = at === '' ? name : `${at}.${name}`;
		const isGroup = 'properties' in property || 'oneOf' in property;
		return ['description' in property || isGroup ? [] : [key], undescribed(property, key)].flat();
	});
	return [...branches, ...properties];
}

test('every param is described', t => {
	t.deepEqual(undescribed(paramsSchema(pipeline.params)), []);
});

test('mistakes in params are named before anything runs', t => {
	t.throws(() => graphOf([['target.alhpa', 0.1], ['dataset.kind', 'photos'], ['sampling.target.epochs', 0]]), {message: [
		'3 problems in the params, nothing was run:',
		'  "dataset.kind" must be one of "procedural", "folder", "facescrub", "celeba", "celeba-64", got "photos"',
		'    in --set dataset.kind',
		'  "target.alhpa" is not a known key; did you mean "alpha"? (known: architecture, alpha, smoothingRamp, holdUntil, fullFrom, epochs, batchSize, lastBatch, optimizer, momentum, weightDecay, learningRate, learningRateSchedule, learningRateDrops, learningRateMinimum, augmentation, defense, weights, initial, inputTransform)',
		'    in --set target.alhpa',
		'  "sampling.target.epochs" must be an integer from 1 to 10000, got 0',
		'    in --set sampling.target.epochs',
	].join('\n')});
});

test('a crop larger than the image is refused', t => {
	const refused = (path: string) => t.throws(() => graphOf([[path, [0.9, 1.5]]]))?.message;
	for (const path of ['target.augmentation.cropScale', 'sampling.cropScale', 'optimization.cropScale', 'selection.cropScale']) {
		t.is(refused(path), `1 problem in the params, nothing was run:\n  "${path}.1" must be a number above 0 to 1, got 1.5\n    in --set ${path}`);
	}
});

test('a baseline that is no variant is refused before anything runs', t => {
	t.throws(() => graphOf([['comparison.baseline', 'standrad']]), {
		name: 'UserError',
		message: '"comparison.baseline" is "standrad", which is no variant',
	});
});

test('params that contradict each other are refused before anything runs', t => {
	const refused = (overrides: Overrides) => t.throws(() => graphOf(overrides))?.message;
	t.is(refused([['sampling.perClass', 201]]), '"sampling.perClass" is 201, more than the 200 latents of "latentPool.size"');
	t.is(refused([['selection.keepPerClass', 11]]), '"selection.keepPerClass" is 11, more than the 10 latents of "sampling.perClass"');
	t.is(refused([['surrogate.momentum', 0.9]]), '"surrogate.momentum" is for SGD, but "surrogate.optimizer" is "adam"');
});

const toyNamesOf = ({nodes}: Graph) => nodes.filter(node => isToy(node)).map(({name}) => name);

test('the toy example is delivered on request, with one network per factor', t => {
	const graph = graphOf();
	t.deepEqual(toyNamesOf(graph), [
		'toy-blobs',
		...[0, 0.05, -0.05].flatMap(alpha => [`toy-training@alpha=${alpha}`, `toy-inversion@alpha=${alpha}`]),
		'toy-figure',
	]);
	t.deepEqual(Object.keys(graph.onRequest!.toy!.reports!), ['toy/index.html', 'toy/results.csv', 'toy/results.json']);
	t.false(Object.values(graph.goals).some(({node}) => isToy(node)));
});

test('the toy example does not depend on the seed of the run, nor the experiment on the toy', t => {
	const toys = (overrides: Overrides) => graphOf(overrides).nodes.filter(node => isToy(node)).map(node => identityOf(node));
	t.deepEqual(toys([['seed', 1]]), toys([]));
	t.deepEqual(sharedNames(graphOf(), graphOf([['toy.alphas', [0.3]]])), everything);
	t.deepEqual(toyNamesOf(graphOf([['toy.alphas', [0.3]]])), ['toy-blobs', 'toy-training@alpha=0.3', 'toy-inversion@alpha=0.3', 'toy-figure']);
});

test('params of the toy example that contradict each other are refused before anything runs', t => {
	const refused = (overrides: Overrides) => t.throws(() => graphOf(overrides))?.message;
	t.is(refused([['toy.inversion.targetClass', 3]]), '"toy.inversion.targetClass" is 3, but "toy.data.centres" has the classes 0 to 2');
	t.is(refused([['toy.alphas', [0, 0]]]), '1 problem in the params, nothing was run:\n  "toy.alphas" must not have duplicate items (items ## 1 and 0 are identical), got [0,0]\n    in --set toy.alphas');
});

test('a seed of NumPy and the official split are asked for by params that are absent otherwise', t => {
	const [plain, official] = [graphOf(), graphOf([['latentPool.numpySeed', 42], ['dataset.officialSplit', {numpySeed: 42, trainShare: 0.9}]])];
	t.deepEqual(Object.keys(nodeOf(plain, 'image-split').params), ['testPerIdentity']);
	t.deepEqual(Object.keys(nodeOf(plain, 'latent-pool').params), ['size']);
	t.deepEqual(nodeOf(official, 'image-split').params.officialSplit, {numpySeed: 42, trainShare: 0.9});
	t.is(nodeOf(official, 'latent-pool').params.numpySeed, 42);
});

/** The graph of a sweep over a params file. */
function sweepOf(request: Partial<SweepRequest>, failed: readonly string[] = [], file = 'params.json'): Graph {
	const source = {file: path.join(root, file), overrides: []};
	const {paths, points} = planSweep(pipeline.params, source, {params: ['alpha'], values: [], isZipped: false, repeats: 1, ...request});
	const variants = loadVariants(pipeline.params, {...source, points});
	return buildGraph(pipeline, variants.filter(({name}) => !failed.includes(name)), root, {paths, failed: variants.filter(({name}) => failed.includes(name))});
}

test('a sweep of smoothing runs the listed factors and shares everything but models and attacks', t => {
	const graph = sweepOf({});
	const points = [-0.05, -0.01, -0.005, 0, 0.05, 0.1, 0.2, 0.3].map(alpha => `alpha=${alpha}`);
	t.deepEqual(graph.variants, points);
	t.deepEqual(namesOf(graph), ['sensitivity', ...shared, ...perVariant.flatMap(name => points.map(point => `${name}@${point}`))].toSorted((a, b) => (a < b ? -1 : 1)));
	t.deepEqual(Object.keys(graph.reports!), ['index.html', 'sensitivity.csv', 'sensitivity.json']);
});

test('a sweep and a run share the nodes of equal factors', t => {
	const nodes = sharedNames(sweepOf({values: ['-0.05,0,0.3']}), graphOf());
	t.deepEqual(nodes, [...shared, ...perVariant.flatMap(name => [`${name}@negative`, `${name}@standard`])].toSorted((a, b) => (a < b ? -1 : 1)));
});

test('with samples per class, what only the samples determine is named after them', t => {
	const graph = sweepOf({params: ['alpha', 'perClass'], values: ['alpha=0,0.1', 'perClass=10,20']});
	t.deepEqual(graph.nodes.filter(({stage}) => stage.name === 'subsample').map(({name}) => name), ['subsample@perClass=10', 'subsample@perClass=20']);
	t.is(graph.nodes.filter(({stage}) => stage.name === 'evaluation-training').length, 1);
});

test('with several seeds, what no factor determines runs once per seed', t => {
	const graph = sweepOf({values: ['0,0.1'], repeats: 2});
	t.deepEqual(graph.nodes.filter(({stage}) => stage.name === 'generator-training').map(({name}) => name), ['generator-training@seed=0', 'generator-training@seed=1']);
});

test('the analysis knows factors, seeds and what failed', t => {
	const {params} = nodeOf(sweepOf({values: ['0,0.1,0.2']}, ['alpha=0.2']), 'sensitivity');
	t.deepEqual(params.points, [{name: 'alpha=0', values: [0], seed: 0, alpha: 0}, {name: 'alpha=0.1', values: [0.1], seed: 0, alpha: 0.1}]);
	t.deepEqual(params.failed, [{name: 'alpha=0.2', values: [0.2]}]);
});

test('every preset lists values that its images suffice for', t => {
	const presets = [['params.json', 80], ['presets/miniature.json', 6], ['presets/orl-faces.json', 7]] as const;
	t.deepEqual(presets.filter(([preset, most]) => sweepOf({params: ['perClass']}, [], preset).variants.some(name => Number(name.split('=')[1]) > most)), []);
});

test('weights from files take the place of trainings', t => {
	const graph = graphOf([['target.weights', 'imports/target.safetensors'], ['evaluation.weights', '/w/evaluation.pt'], ['embedding.weights', '/w/embedding.pt'], ['variants', {standard: {}}]]);
	t.deepEqual(nodeOf(graph, 'target-import').inputs.weights, {ref: 'file', path: path.join(root, 'imports/target.safetensors')});
	for (const [name, source] of [['target-on-test', 'target-import'], ['evaluation-on-train', 'evaluation-import'], ['embedding-on-train', 'embedding-import']] as const) {
		t.is(sourceOf(graph, name, 'model'), source);
	}

	t.deepEqual(namesOf(graph).filter(name => /^(?:target|evaluation|embedding)-training/.test(name)), []);
});

test('judges of another size see the same people, drawn with the same seeds, and leave the rest alone', t => {
	const graph = graphOf([['evaluation.imageSize', 75], ['embedding.imageSize', 32]]);
	t.deepEqual(namesOf(graph).filter(name => !everything.includes(name)), ['image-split-75', 'private-faces-75', 'subsample-75']);
	for (const name of ['private-faces', 'image-split', 'subsample']) {
		const [own, larger] = [nodeOf(graph, name), nodeOf(graph, `${name}-75`)];
		t.is(own.seed, larger.seed);
		t.deepEqual({...larger.params, size: own.params.size}, {...own.params, size: own.params.size});
	}

	t.is(sourceOf(graph, 'evaluation-training', 'train'), 'image-split-75');
	t.is(sourceOf(graph, 'evaluation-on-train', 'images'), 'subsample-75');
	t.is(sourceOf(graph, 'embedding-on-train', 'images'), 'subsample');
	t.is(sourceOf(graph, 'target-on-train@standard', 'images'), 'subsample');
	const changed = new Set(['evaluation-training', 'evaluation-on-train', ...byVariant('evaluation-features-on-initial', 'evaluation-on-initial', 'evaluation-on-optimized', 'evaluation-on-selected', 'metrics', 'start-metrics'), 'comparison', 'report', 'study', ...analyses]);
	const kept = new Set(sharedNames(graphOf(), graph));
	t.deepEqual(everything.filter(name => !kept.has(name) && !changed.has(name)), []);
});

test('the size of the data set for a judge is no size of its own', t => {
	t.deepEqual(namesOf(graphOf([['evaluation.imageSize', 32], ['embedding.imageSize', 32]])), everything);
});

test('the published network of the FID compares distributions at its own size', t => {
	const graph = graphOf([['metrics', {fid: {weights: '/w/fid.pth'}, fidInput: 'official'}], ['variants', {standard: {}}]]);
	t.deepEqual(nodeOf(graph, 'fid-import').inputs.weights, {ref: 'file', path: '/w/fid.pth'});
	t.is(nodeOf(graph, 'fid-import').params.architecture, 'fid_inception_v3');
	for (const input of ['fidTrain', 'fidelityTrain']) {
		t.is(sourceOf(graph, 'metrics', input), 'fid-on-train');
	}

	for (const input of ['fidSelected', 'fidelitySelected']) {
		t.is(sourceOf(graph, 'metrics', input), 'fid-on-selected');
	}

	t.is(sourceOf(graph, 'fid-on-train', 'images'), 'image-split-299');
	t.deepEqual(nodeOf(graph, 'fid-on-train').params, {keep: ['features'], input: 'official'});
});

test('without it the evaluation model does, and only the FID sees images that were normalised twice', t => {
	const graph = graphOf([['metrics', {fidInput: 'official'}], ['variants', {standard: {}}]]);
	t.is(sourceOf(graph, 'metrics', 'fidTrain'), 'fid-on-train');
	t.is(sourceOf(graph, 'fid-on-train', 'model'), 'evaluation-training');
	t.deepEqual(nodeOf(graph, 'fid-on-selected').params, {keep: ['features'], input: 'official'});
	t.is(sourceOf(graph, 'metrics', 'fidelityTrain'), 'evaluation-on-train');
	t.is(sourceOf(graphOf([['metrics', {fidInput: 'standard'}], ['variants', {standard: {}}]]), 'metrics', 'fidSelected'), 'evaluation-on-selected');
});

test('trainings that start from a file share what is read of it, and differ in the rest', t => {
	const graph = graphOf([['target.initial', '/w/imagenet.pt'], ['surrogate.initial', '/w/imagenet.pt']]);
	t.deepEqual(namesOf(graph).filter(name => name.startsWith('target-')), [...byVariant('target-features-on-train'), 'target-initial', ...byVariant('target-on-test', 'target-on-train'), 'target-training@negative', 'target-training@positive', 'target-training@standard']);
	const tuning = nodeOf(graph, 'target-training@negative');
	t.is(tuning.stage.name, 'fine-tuning');
	t.is(sourceOf(graph, 'target-training@negative', 'initial'), 'target-initial');
	t.is(nodeOf(graph, 'surrogate-training@negative').stage.name, 'fine-tuning');
	t.is(sourceOf(graph, 'evaluation-training', 'train'), 'image-split');
});

test('a stage that looks at another model of a file has to name it', t => {
	t.throws(() => graphOf([['target.weights', 'a.pt'], ['sampling.target', {alpha: 0.1}]]), {name: 'UserError', message: /^"sampling\.target" changes how the target model is trained/});
});
