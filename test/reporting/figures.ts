import test from 'ava';
import {lineFigure} from '../../reporting/figures.ts';

const options = {label: 'loss', xLabel: 'epoch'};
const drawn = (...[lines, changes]: [Parameters<typeof lineFigure>[0], Partial<typeof options & {isPercent: boolean}>?]) => lineFigure(lines, {...options, ...changes}).svg.toString();

const straight = {x: [1, 2], y: [0, 1], colour: 'var(--base)', dash: '2 3'};

test('a line runs from corner to corner of the frame', t => {
	// The frame of 340×210 less its margins: 52 left, 14 right, 12 above, 34 below.
	t.regex(drawn([straight]), /<g [^>]*stroke-dasharray="2 3"[^>]*stroke="var\(--base\)"[^>]*><path d="M52,176L326,12" \/><\/g>/u);
});

test('a figure is drawn with the same markup every time', t => {
	t.is(drawn([straight]), drawn([straight]));
});

test('a figure brings no styles, identifiers or addresses', t => {
	t.notRegex(drawn([straight]), /<style|\sid=|href|url\(/u);
});

test('a figure says what it shows', t => {
	t.regex(drawn([straight], {label: 'a "quoted" <label>'}), /aria-label="a &quot;quoted&quot; &lt;label&gt;"/u);
});

test('fractions can be labelled as percentages', t => {
	t.regex(drawn([straight], {isPercent: true}), />100 %</u);
});

test('values that would flatten the others make the axis logarithmic', t => {
	const {svg, scale} = lineFigure([{...straight, x: [1, 2, 3, 4], y: [1, 0.5, 0.4, -1000]}], options);
	t.is(scale, 'symlog');
	t.deepEqual([...svg.toString().matchAll(/y="0\.32em">(?<label>[^<]*)</gu)].map(match => match.groups?.label), ['−1000', '−100', '−10', '−1', '0', '1']);
});

test('ordinary values keep the axis linear', t => {
	t.is(lineFigure([straight], options).scale, 'linear');
});

test('a single value is a dot', t => {
	t.regex(drawn([{...straight, x: [1], y: [3]}]), /<circle/u);
});

test('a value that is not finite is refused', t => {
	t.throws(() => lineFigure([{...straight, y: [0, Number.NaN]}], options), {instanceOf: RangeError, message: 'Figure "loss": expected finite values, got NaN'});
});

test('a line with a value missing is refused', t => {
	t.throws(() => lineFigure([{...straight, y: [0]}], options), {
		instanceOf: RangeError, message: 'Figure "loss": expected 2 values, one per place on the x axis, got 1',
	});
});

test('deviations are bars around their values, where there are any', t => {
	// The axis runs from 0 at 176 to 4 at 12; the bar from 1 to 3.
	const svg = drawn([{x: [1, 2], y: [0, 2], deviations: [null, 1], colour: 'var(--base)'}, {x: [1], y: [4], colour: 'var(--base)'}]);
	t.is(svg.match(/aria-label="rule"/gu)?.length, 1);
	t.regex(svg, /<line y2="53" y1="135" x2="326" x1="326" \/>/u);
});

test('the line of no gain is drawn when asked for', t => {
	t.notRegex(drawn([straight]), /stroke-opacity="0\.5"/u);
	t.regex(lineFigure([straight], {...options, hasZero: true}).svg.toString(), /stroke-opacity="0\.5"/u);
});

test('what has no distances is named and not joined', t => {
	const svg = lineFigure([{x: [0, 1], y: [1, 2], colour: 'var(--base)'}], {...options, xNames: ['small', 'large']}).svg.toString();
	t.regex(svg, />small</u);
	t.regex(svg, />large</u);
	t.is(svg.match(/<circle/gu)?.length, 2);
	t.notRegex(svg, /aria-label="line"/u);
});

test('names that do not fit side by side are turned, and the figure grows by them', t => {
	const draw = (xNames: readonly string[]) => lineFigure([{x: xNames.map((_, index) => index), y: xNames.map((_, index) => index), colour: 'var(--base)'}], {...options, xNames}).svg.toString();
	const heightOf = (svg: string) => Number(/viewBox="0 0 340 (?<height>\d+)"/u.exec(svg)?.groups?.height);
	const [short, long] = [draw(['small', 'large']), draw(['a network of small size', 'a network of large size', 'none'])];
	t.is(heightOf(short), 210);
	t.notRegex(short, /rotate/u);
	// 23 characters of 6 pixels, turned by 40°.
	t.is(heightOf(long), 210 + Math.ceil(23 * 6 * Math.sin(40 * Math.PI / 180)));
	t.is(long.match(/rotate\(-40\)/gu)?.length, 3);
});

test('an axis may be logarithmic and labelled where its values are', t => {
	const svg = lineFigure([{x: [1, 10, 100], y: [1, 2, 3], colour: 'var(--base)'}], {...options, xScale: 'log', xTicks: [1, 10, 100]}).svg.toString();
	// Half of the way from 52 to 326.
	t.regex(svg, /<path d="M52,176L189,94L326,12"/u);
	t.deepEqual([...svg.matchAll(/y="0\.71em">(?<label>[^<]*)</gu)].map(match => match.groups?.label), ['1', '10', '100']);
});
