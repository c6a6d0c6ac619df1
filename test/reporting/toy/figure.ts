import test from 'ava';
import type {Place, ToyPoints} from '../../../artifacts/toy.ts';
import {toyLegend, toyPanel} from '../../../reporting/toy/figure.ts';

/** Class 0 at (1, 2), class 1 at (−3, 4) and outside at (3, 40), class 2 at (6, −6). */
const points: ToyPoints = {points: Float32Array.of(1, 2, -3, 4, 3, 40, 6, -6), labels: Int32Array.of(0, 1, 1, 2)};

/** Confident in the upper half. */
const confidence = Float64Array.from({length: 16}, (_, index) => (index < 8 ? 0.4 : 0.97));

function drawn(path: readonly Place[] = [[-10, -10], [0, 0], [5, 5]], nearest: Place = [6, -6]): string {
	return toyPanel({label: 'a <panel>', points, confidence, inversion: {path, nearest, steps: 1, confidence: 0.96, distance: 1}}, {extent: 10, levels: 20}).toString();
}

const countOf = (markup: string, pattern: RegExp) => markup.match(pattern)?.length ?? 0;

test('a panel says what it shows, escaped', t => {
	t.regex(drawn(), /aria-label="a &lt;panel&gt;"/u);
});

test('a panel is drawn with the same markup every time, without styles, identifiers or addresses', t => {
	t.is(drawn(), drawn());
	t.notRegex(drawn(), /<style|\sid=|href|url\(/u);
});

test('classes are circles, squares and pentagons, and points outside the axes are left out', t => {
	const svg = drawn();
	const [circles, squares, pentagons] = ['#1fa055', '#2f7de1', '#f5872a'].map(fill => new RegExp(`<g [^>]*fill="${fill}" aria-label="dot">(.*?)</g>`, 'u').exec(svg)![1]!);
	t.is(countOf(circles!, /<circle/gu), 1);
	t.is(countOf(squares!, /<path/gu), 1);
	t.regex(squares!, /d="M[^L]*(?:L[^LZ]*){3}Z"/u);
	t.regex(pentagons!, /d="M[^L]*(?:L[^LZ]*){4}Z"/u);
});

test('the path runs from the start to the end, where it is inside the axes', t => {
	// The axes span 330 pixels from 34 and 334 pixels from 8; y grows upwards.
	t.is(countOf(drawn(), /d="M34,342L199,175L281\.5,91\.5"/gu), 2);
	const left = drawn([[-10, -10], [0, 0], [20, 20], [5, 5]]);
	t.is(countOf(left, /d="M34,342L199,175M281\.5,91\.5Z"/gu), 2);
});

test('an end outside the axes has no mark and no distance', t => {
	t.is(countOf(drawn(), /stroke-dasharray/gu), 1);
	t.is(countOf(drawn([[-10, -10], [50, 50]]), /stroke-dasharray/gu), 0);
});

test('steps of a path that nobody could tell apart are left out', t => {
	const path = Array.from({length: 10_001}, (_, index): Place => [-5 + (index / 1000), 0]);
	const [, line] = /<g [^>]*aria-label="line"><path d="([^"]*)"/u.exec(drawn(path))!;
	const places = countOf(line!, /[ML]/gu);
	t.true(places > 200 && places < 310, `${places} places`);
	t.true(line!.endsWith('L281.5,175'));
});

test('the background has one area per step of confidence that is reached', t => {
	const [, areas] = /<g aria-label="contour"[^>]*>(.*?)<\/g>/u.exec(drawn())!;
	t.is(countOf(areas!, /<path/gu), 19);
	t.is(countOf(areas!, /d="M/gu), 19);
});

test('the legend names every class and marks the target', t => {
	const words = toyLegend(4, {targetClass: 0, levels: 20}).toString().replaceAll(/<[^>]*>/gu, '|').split('|').map(word => word.trim()).filter(word => word !== '');
	t.deepEqual(words, ['class 0 (target)', 'class 1', 'class 2', 'class 3', 'start', 'path of the inverted point', 'end', 'to the nearest training point of the target class', 'confidence from 1/3 to 1']);
});
