import test from 'ava';
import {analyseSweep, type MeasuredPoint} from '../../../reporting/sensitivity/analysis.ts';
import {sensitivityPage, type SensitivityReport} from '../../../reporting/sensitivity/page.ts';
import {describeValues} from '../../../reporting/sensitivity/words.ts';
import {colouredImages} from '../../helpers/report.ts';
import {defensePoints, pointOf, smoothingPoints} from '../../helpers/sweep.ts';

const hostile = '"><script>alert(1)</script>&\'`';
const train = colouredImages('train', {classes: 3, perClass: 2, size: 8});

async function pageOf(paths: readonly string[], points: readonly MeasuredPoint[], failed: SensitivityReport['sensitivity']['failed'] = [], identities = train.identities) {
	const sensitivity = analyseSweep(paths, points, failed);
	return sensitivityPage({
		sensitivity,
		pictured: sensitivity.cells.map(({values}, index) => ({title: describeValues(paths, values), images: {...colouredImages(`images ${index}`, {classes: 3, perClass: 2, size: 8}), identities}, train: {...train, identities}})),
		provenance: {seed: 0, params: {note: hostile}, backend: 'wasm 4.22.0', inputs: points.map(({name}) => ({variant: name, artifact: 'metrics', digest: '5f0c1d2e3b4a59687f6e5d4c3b2a1908'}))},
	});
}

const headings = (page: string) => [...page.matchAll(/<h2>(?<text>[^<]*)<\/h2>/gu)].map(match => match.groups?.text);
const legendOf = (page: string, heading: string) => [...page.slice(page.indexOf(`<h2>${heading}</h2>`)).split('<div class="figures">')[0]!.matchAll(/<bdi>(?<name>[^<]*)<\/bdi>/gu)].map(match => match.groups?.name);
const labels = (page: string) => [...page.matchAll(/aria-label="(?<text>[^"]* against [^"]*)"/gu)].map(match => match.groups?.text);

test('a sweep of smoothing has the paper\'s figure, its table and the paper\'s curves', async t => {
	const page = await pageOf(['target.alpha'], smoothingPoints);
	t.true(page.startsWith('<!doctype html>') && page.endsWith('</html>\n'));
	t.deepEqual(headings(page), ['Results', 'Advantage over no smoothing against the smoothing factor', 'Metrics against smoothing factor α', 'Beside the paper', 'Reconstructions', 'Where the numbers come from']);
	t.deepEqual(legendOf(page, 'Advantage over no smoothing against the smoothing factor'), ['here', 'paper, FaceScrub', 'paper, CelebA']);
	t.is(labels(page)[0], 'relative advantage in Acc@1 over no smoothing against smoothing factor α');
	t.true(page.includes('The paper’s Table 2 (ResNet-152)'));
});

test('smoothing and samples per class together have a line per factor against samples, and the paper\'s', async t => {
	const points = [10, 20].flatMap(samples => [[0, 0.5], [0.1, 0.6], [-0.05, 0.3]].map(([alpha, accuracy]) => pointOf([alpha, samples], accuracy!, {alpha: alpha!})));
	const page = await pageOf(['target.alpha', 'subsample.perClass'], points);
	const heading = 'Advantage over no smoothing against samples per class';
	t.true(headings(page).includes(heading));
	t.deepEqual(legendOf(page, heading), ['α = 0.1', 'α = −0.05', 'paper, FaceScrub, α = 0.1', 'paper, FaceScrub, α = −0.05']);
	// Warm for more smoothing, cool for less, dashed for the paper.
	t.deepEqual([...page.slice(page.indexOf(heading)).split('<div class="figures">')[0]!.matchAll(/stroke="var\(--(?<colour>\w+)\)"[^>]*>/gu)].map(match => [match.groups?.colour, match[0].includes('dasharray')]), [
		['warm1', false], ['cool1', false], ['warm1', true], ['cool1', true],
	]);
	t.deepEqual(legendOf(page, 'Metrics against smoothing factor α'), ['samples per class = 10', 'samples per class = 20']);
	t.true(page.includes('The paper’s Table 4 (ResNet-152)'));
});

test('a sweep of defences has the paper\'s Table 3 beside it, and a named dot in place of a line per defence', async t => {
	const page = await pageOf(['target.defense'], defensePoints);
	t.deepEqual(headings(page), ['Results', 'Advantage over no defence', 'Metrics against defence', 'Beside the paper', 'Reconstructions', 'Where the numbers come from']);
	t.is(labels(page)[0], 'relative advantage in Acc@1 over no defence against defence');
	t.true(page.includes('The paper’s Table 3 (ResNet-152)'));
	t.true(page.includes('>LS −0.05</text>') && page.includes('>BiDO 0.05 0.5</text>'));
	const figures = page.slice(page.indexOf('<h2>Metrics against defence</h2>'), page.indexOf('<h2>Beside the paper</h2>'));
	t.is([...figures.matchAll(/<circle /gu)].length, 5 * 4);
	t.false(figures.includes('aria-label="line"'));
	t.true(page.includes('attack weaker than no defence'));
	t.true(page.includes('alt="the best reconstruction each of identity 0, identity 1, identity 2, defence: MID λ = 0.01"'));
});

test('another param has the metrics against it, and nothing of the paper', async t => {
	const page = await pageOf(['optimization.steps'], [pointOf([5], 0.5), pointOf([25], 0.6)]);
	t.deepEqual(headings(page), ['Results', 'Metrics against optimization.steps', 'Reconstructions', 'Where the numbers come from']);
	t.deepEqual(labels(page), ['Test Acc', 'Acc@1', 'δ_face', 'FID', 'ξ_train'].map(name => `${name} against optimization.steps`));
	t.false(page.includes('attack stronger'));
});

test('several seeds have standard deviations in the table and bars in the figures', async t => {
	const page = await pageOf(['target.alpha'], [pointOf([0], 0.8), pointOf([0], 0.6, {seed: 1}), pointOf([0.1], 0.9, {alpha: 0.1}), pointOf([0.1], 0.7, {alpha: 0.1, seed: 1})]);
	t.true(page.includes('70.0±14.1'));
	t.true(page.includes('aria-label="rule"'));
	t.regex(page, /<dt>seeds<\/dt><dd>0, 1<\/dd>/u);
});

test('what failed is named below the results', async t => {
	const page = await pageOf(['target.alpha'], smoothingPoints, [{name: 'alpha=9', values: [9]}]);
	t.true(page.includes('Failed and left out: alpha=9. Run the sweep again to try once more.'));
	t.regex(page, /<dt>failed points<\/dt><dd>1<\/dd>/u);
});

test('true images stand once above points that were trained on the same, and every point has a row', async t => {
	const page = await pageOf(['target.alpha'], smoothingPoints);
	t.deepEqual([...page.matchAll(/alt="(?<text>[^"]*)"/gu)].map(match => match.groups?.text), [
		'one private training image each of identity 0, identity 1, identity 2',
		...['−0.05', '0', '0.1'].map(alpha => `the best reconstruction each of identity 0, identity 1, identity 2, α = ${alpha}`),
	]);
});

test('hostile names and values are text everywhere', async t => {
	const page = await pageOf([hostile], [pointOf([hostile], 0.5)], [{name: hostile, values: [hostile]}], [hostile, 'b', 'c']);
	t.notRegex(page, /<script/iu);
	t.false(page.includes('"><script'));
});

test('equal sweeps have equal pages', async t => {
	t.is(await pageOf(['target.alpha'], smoothingPoints), await pageOf(['target.alpha'], smoothingPoints));
});
