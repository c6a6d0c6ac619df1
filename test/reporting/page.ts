import test from 'ava';
import {reportPage} from '../../reporting/page.ts';
import {colouredImages, syntheticReport} from '../helpers/report.ts';

const hostile = '"><script>alert(1)</script><img src=x onerror=alert(1)>\'`&';

/** Everything between `<` and `>`, with the data of pictures left out. */
const tagsOf = (page: string) => page.replaceAll(/data:image\/png;base64,[A-Za-z\d+/=]+/gu, 'data:').match(/<[^>]*>/gu) ?? [];

/** The data of the pictures, in their order. */
const imagesOf = (page: string) => [...page.matchAll(/src="(?<data>data:image\/png[^"]+)"/gu)].map(({groups}) => groups!.data);

test('a page is one complete document', async t => {
	const page = await reportPage(syntheticReport());
	t.true(page.startsWith('<!doctype html>'));
	t.true(page.endsWith('</html>\n'));
});

test('every tag that is opened is closed', async t => {
	const page = await reportPage(syntheticReport());
	const counts: Record<string, number> = {};
	for (const tag of tagsOf(page)) {
		const [, slash, name = ''] = /^<(?<slash>\/?)(?<name>[a-z\d]+)/u.exec(tag) ?? [];
		if (!tag.endsWith('/>') && !['meta', 'img', 'br', ''].includes(name)) {
			counts[name] = (counts[name] ?? 0) + (slash ? -1 : 1);
		}
	}

	t.deepEqual(Object.entries(counts).filter(([, count]) => count !== 0), []);
});

test('nothing is loaded from elsewhere', async t => {
	const tags = tagsOf(await reportPage(syntheticReport()));
	t.deepEqual(tags.filter(tag => /\s(?:src|href|srcset|action|data|poster)=/u.test(tag) && !/^<img [^>]*src="data:"/u.test(tag)), [
		'<a href="https://arxiv.org/abs/2310.06549" rel="noreferrer">',
	]);
});

test('the style sheet refers to nothing', async t => {
	t.notRegex(await reportPage(syntheticReport()), /@import|url\(/u);
});

test('the page forbids scripts and connections', async t => {
	const page = await reportPage(syntheticReport());
	t.true(page.includes('<meta http-equiv="Content-Security-Policy" content="default-src &#39;none&#39;; img-src data:; style-src &#39;unsafe-inline&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;">'));
	t.notRegex(page, /<script/iu);
});

test('hostile names, params and notes are text everywhere', async t => {
	const report = syntheticReport({classes: 1});
	const [first, ...others] = report.variants;
	const trainingImages = {...first!.trainingImages, identities: [hostile]};
	const page = await reportPage({
		...report,
		title: hostile,
		question: hostile,
		notes: [hostile],
		baseline: hostile,
		variants: [{...first!, name: hostile, trainingImages, training: {unit: 'epoch', columns: {[hostile]: [1, 2]}}}, ...others.map(variant => ({
			...variant, name: `${variant.name}${hostile}`, trainingImages, reconstructions: {...variant.reconstructions, identities: [hostile]},
		}))],
		provenance: {
			seed: hostile,
			backend: hostile,
			commit: hostile,
			params: {[hostile]: hostile, close: '</code></pre></details>'},
			inputs: [{variant: hostile, artifact: hostile, digest: hostile}],
		},
	});
	t.deepEqual(tagsOf(page).filter(tag => /^<(?:script|img src=x)/iu.test(tag)), []);
	t.false(page.includes(hostile));
	t.false(page.includes('</code></pre></details>&quot;'));
});

test('the same report gives the same bytes', async t => {
	t.is(await reportPage(syntheticReport()), await reportPage(syntheticReport()));
});

test('the order in which variants are given does not matter', async t => {
	const report = syntheticReport();
	t.is(await reportPage({...report, variants: report.variants.toReversed()}), await reportPage(report));
});

test('every picture has words and a size', async t => {
	const pictures = tagsOf(await reportPage(syntheticReport())).filter(tag => tag.startsWith('<img'));
	t.is(pictures.length, 3 * 4);
	t.deepEqual(pictures.filter(tag => !/ width="\d+" height="\d+" alt="[^"]+"/u.test(tag)), []);
	t.true(pictures[1]?.includes('alt="3 reconstructions of identity 0 from positive, best first; below each the closest training image"'));
});

test('every header of a table has a scope', async t => {
	t.deepEqual(tagsOf(await reportPage(syntheticReport())).filter(tag => /^<th\b/u.test(tag) && !tag.includes(' scope="')), []);
});

test('directions are said in words, not by colour alone', async t => {
	const page = await reportPage(syntheticReport());
	t.true(page.includes('<td class="stronger">86.7<span class="mark" aria-hidden="true">▲</span><span class="unseen"> attack stronger than standard</span></td>'));
	t.true(page.includes('<td class="weaker">50.0<span class="mark" aria-hidden="true">▼</span><span class="unseen"> attack weaker than standard</span></td>'));
});

test('every artifact is named with the command that shows it', async t => {
	t.true((await reportPage(syntheticReport())).includes('<code>pipeline show 5f0c1d2e3b4a59687f6e5d4c3b2a1908</code>'));
});

test('thirty identities of noisy pictures stay below two megabytes', async t => {
	const report = syntheticReport({classes: 30, pictures: {reconstructionsPerClass: 5}});
	const page = await reportPage({...report, variants: report.variants.map(({nearest, ...variant}) => variant)});
	t.true(page.length < 2_000_000, `${page.length}`);
});

test('the number of identities can be limited', async t => {
	const page = await reportPage(syntheticReport({classes: 4, pictures: {classes: 2}}));
	t.true(page.includes('The first 2 of 4 identities'));
	t.false(page.includes('>identity 2<'));
});

test('grey pictures are shown', async t => {
	t.regex(await reportPage(syntheticReport({channels: 1})), /alt="5 private training images of identity 0"/u);
});

test('a sweep over smoothing factors gets curves', async t => {
	const report = syntheticReport({classes: 1});
	const extra = {...report.variants[1]!, name: 'strong', alpha: 0.3};
	t.true((await reportPage({...report, variants: [...report.variants, extra]})).includes('aria-label="Acc@1 over the smoothing factor"'));
	t.false((await reportPage(report)).includes('over the smoothing factor'));
});

test('curves are left out when there are none', async t => {
	const report = syntheticReport({classes: 1});
	const page = await reportPage({...report, variants: report.variants.map(({training, optimization, ...variant}) => variant)});
	t.false(page.includes('Training of the target models'));
	t.false(page.includes('Optimization of the latents'));
});

test('a metric that is not a number is refused', async t => {
	const report = syntheticReport({classes: 1});
	const [first, ...others] = report.variants;
	await t.throwsAsync(reportPage({...report, variants: [{...first!, metrics: {...first!.metrics, ece: Number.NaN}}, ...others]}), {
		instanceOf: RangeError, message: 'Table "Attack on the variants", row 2, column "ECE": expected a finite number, got NaN',
	});
});

test('reconstructions of other identities are refused', async t => {
	const report = syntheticReport({classes: 2, trainingImages: colouredImages('other', {classes: 3, perClass: 8})});
	await t.throwsAsync(reportPage(report), {
		instanceOf: RangeError, message: 'Variant "positive": expected reconstructions of 3 identities, as in the training images, got 2',
	});
});

test('closest images must be one per reconstruction', async t => {
	const report = syntheticReport({classes: 1});
	await t.throwsAsync(reportPage({...report, variants: report.variants.map(variant => ({...variant, nearest: Int32Array.from([0])}))}), {
		instanceOf: RangeError, message: 'Variant "positive": expected 5 indices of closest training images, one per reconstruction, got 1',
	});
});

test('each variant shows the closest of the images that it is compared with', async t => {
	const report = syntheticReport({classes: 1});
	const more = colouredImages('other people', {classes: 1, perClass: 20});
	const withMore = (names: readonly string[]) => ({
		...report,
		variants: report.variants.map(variant => names.includes(variant.name) ? {...variant, trainingImages: more, compared: more, nearest: [19, 18, 17, 16, 15]} : variant),
	});
	const all = withMore(['standard', 'positive', 'negative']);
	const mixed = await reportPage(withMore(['positive']));
	const [training, positive, standard, negative] = imagesOf(mixed);
	const [trainingOfAll, positiveOfAll] = imagesOf(await reportPage(all));
	const [trainingBefore, positiveBefore, ...othersBefore] = imagesOf(await reportPage(report));
	t.deepEqual([training, positive, standard, negative], [trainingBefore, positiveOfAll, ...othersBefore]);
	t.not(positive, positiveBefore);
	t.not(training, trainingOfAll);
	t.regex(mixed, /private training images<\/dt>\s*<dd>8 or 20</u);
});

test('a closest image that the variant does not have is refused', async t => {
	const report = syntheticReport({classes: 1});
	await t.throwsAsync(reportPage({...report, variants: report.variants.map(variant => ({...variant, nearest: [0, 1, 8, 2, 3]}))}), {
		instanceOf: RangeError, message: 'Variant "positive": expected the closest training images among its 8, got index 8',
	});
});
