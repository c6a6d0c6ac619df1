/**
 * Computes Fréchet distances of two sets of features by our code, and by NumPy and SciPy as pytorch-fid does, by turns in the same minutes and on one core. The
 * distances must agree.
 *
 *     npx tsx bench/frechet-distance.ts [--sizes 256,1024,2048] [--rounds 3]     PYTHON names an interpreter that has NumPy and SciPy
 */
import {writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {parseArgs} from 'node:util';
import {randomStream} from '../tensors/random.ts';
import {Scratch} from './scratch.ts';
import {answerOf, startSide} from './side.ts';
import {markdownTable, median} from './statistics.ts';

/** Seconds of processor time, and the distance. */
type Timed = {readonly cpu: number; readonly distance: number};

const {values: options} = parseArgs({options: {sizes: {type: 'string', default: '256,1024,2048'}, rounds: {type: 'string', default: '3'}}});
/** Samples in each set, per feature. */
const samplesPerFeature = 2;
const tolerance = 1e-6;

using scratch = new Scratch('frechet-');
const sides = {
	ours: startSide([process.execPath, '--import=tsx', path.join(import.meta.dirname, 'frechet-distance/worker.ts')], 1),
	scipy: startSide([process.env.PYTHON ?? 'python3', '-P', path.join(import.meta.dirname, 'frechet-distance/scipy-side.py')], 1),
};
const rows: string[][] = [];
for (const size of options.sizes.split(',').map(Number)) {
	const files = ['first', 'second'].map(name => path.join(scratch.folder, `${name}-${size}.f32`));
	for (const [index, file] of files.entries()) {
		writeFileSync(file, randomStream(`features ${index}`).uniforms(samplesPerFeature * size * size, 0, 1 + index).map(value => value ** 2));
	}

	const question = JSON.stringify({files, size});
	const ours: Timed[] = [];
	const theirs: Timed[] = [];
	for (let round = 0; round < Number(options.rounds); round++) {
		ours.push(await answerOf(sides.ours, question) as Timed);
		theirs.push(await answerOf(sides.scipy, question) as Timed);
	}

	const [distance, expected] = [ours[0]!.distance, theirs[0]!.distance];
	if (!(Math.abs(distance - expected) <= tolerance * expected)) {
		throw new Error(`Expected a distance of ${expected} for ${size} features but was ${distance}`);
	}

	const [own, other] = [median(ours.map(({cpu}) => cpu)), median(theirs.map(({cpu}) => cpu))];
	rows.push([String(size), own.toFixed(2), other.toFixed(2), `${median(ours.map(({cpu}, round) => cpu / theirs[round]!.cpu)).toFixed(2)}×`]);
	process.stderr.write(`${rows.at(-1)!.join('  ')}\n`);
}

for (const side of Object.values(sides)) {
	side.close();
}

console.log(markdownTable(['features', 'ours, CPU s', 'NumPy and SciPy, CPU s', 'ratio'], rows));
