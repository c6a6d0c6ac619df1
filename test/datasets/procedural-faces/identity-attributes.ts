import test from 'ava';
import {drawIdentity} from '../../../datasets/procedural-faces/identity-attributes.ts';
import {drawNuisance} from '../../../datasets/procedural-faces/nuisance.ts';
import {skinColour} from '../../../datasets/procedural-faces/palette.ts';
import {randomStream} from '../../../tensors/random.ts';

const count = 4000;
const stream = randomStream('many people');
const people = Array.from({length: count}, () => drawIdentity(stream));
const circumstances = Array.from({length: count}, () => drawNuisance(stream));

/** Five standard deviations of a share that is estimated from `count` draws. */
const shareTolerance = 5 * 0.5 / Math.sqrt(count);

const hasShare = test.macro((t, share: number, expected: number) => {
	t.true(Math.abs(share - expected) < shareTolerance, `got ${share}, expected ${expected}`);
});

test('one in seven people has curly hair', hasShare, shareOf(people, ({hair}) => hair.style === 'curly'), 1 / 7);
test('one in fourteen people is bald', hasShare, shareOf(people, ({hair}) => hair.style === 'bald'), 1 / 14);
test('six in eleven people have no beard', hasShare, shareOf(people, ({beard}) => beard === 'none'), 6 / 11);
test('two in three people have no glasses', hasShare, shareOf(people, ({glasses}) => glasses.shape === 'none'), 6 / 9);
test('30 % of people have a mole', hasShare, shareOf(people, ({mole}) => mole !== undefined), 0.3);
test('half of the partings fall to the left', hasShare, shareOf(people, ({hair}) => hair.partingSide === -1), 0.5);
test('glasses are worn in 80 % of images', hasShare, shareOf(circumstances, ({wearsGlasses}) => wearsGlasses), 0.8);
test('the mouth is closed in half of the images', hasShare, shareOf(circumstances, ({expression}) => expression.mouthOpening === 0), 0.5);

const spans = test.macro((t, values: number[], low: number, high: number) => {
	const [smallest, largest] = [Math.min(...values), Math.max(...values)];
	const slack = 0.01 * (high - low);
	t.true(smallest >= low && smallest < low + slack, `smallest ${smallest}, expected from ${low}`);
	t.true(largest <= high && largest > high - slack, `largest ${largest}, expected up to ${high}`);
});

test('head half widths fill their range', spans, people.map(({head}) => head.halfWidth), 0.484, 0.596);
test('eye heights fill their range', spans, people.map(({eye}) => eye.height), -0.113, 0.013);
test('mole heights fill their range', spans, people.flatMap(({mole}) => mole?.y ?? []), 0.1545, 0.3155);
test('scales fill their range', spans, circumstances.map(({pose}) => pose.scale), Math.exp(-0.08), Math.exp(0.08));
test('gains fill their range', spans, circumstances.map(({gain}) => gain), Math.exp(-0.35), Math.exp(0.25));
test('eye openness fills its range', spans, circumstances.map(({expression}) => expression.eyeOpenness), 0.5, 1);

test('background and clothes stay between black and white', t => {
	t.true(circumstances.every(({background, clothes}) => [...background.colour, ...clothes].every(value => value >= 0 && value <= 1)));
});

test('skin at a whole position is an anchor colour', t => {
	t.deepEqual(skinColour(1), [0.93, 0.74, 0.58]);
});

test('skin at the darkest position is the last anchor', t => {
	t.deepEqual(skinColour(4), [0.38, 0.25, 0.17]);
});

test('skin half way between two anchors is their mean', t => {
	const tolerance = 1e-12;
	// (0.98 + 0.93) / 2, (0.86 + 0.74) / 2, (0.76 + 0.58) / 2
	for (const [channel, expected] of [0.955, 0.8, 0.67].entries()) {
		t.true(Math.abs(skinColour(0.5)[channel]! - expected) < tolerance);
	}
});

function shareOf<Item>(items: readonly Item[], isCounted: (item: Item) => boolean): number {
	return items.filter(item => isCounted(item)).length / items.length;
}
