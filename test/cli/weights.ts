import {Buffer} from 'node:buffer';
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {classifier} from '../../artifacts/classifier.ts';
import {pipeline} from '../helpers/cli.ts';
import {untrainedClassifier} from '../helpers/untrained.ts';
import {bytesOf, makeFolder, weightsFiles} from '../helpers/weights-files.ts';

const own = Buffer.concat([...classifier.encode(untrainedClassifier('cli'))]);
const weights = async (files: ReturnType<typeof makeFolder>, ...args: readonly string[]) =>
	pipeline(files, ['weights', ...args, '--pipeline', path.join(files.folder, 'pipeline.ts')]);

test('a file is imported, listed and shown', async t => {
	using files = makeFolder();
	const file = files.write('my model.safetensors', own);
	const imported = await weights(files, 'import', file, '--architecture', 'surrogate-small');
	t.is(imported.exitCode, 0);
	const [, ...lines] = imported.stdout.split('\n');
	t.regex(imported.stdout, /^imports\/my-model\.safetensors {2}\d+ kB\n {2}surrogate-small, 3 classes, 92243 numbers\n {2}from "my model\.safetensors", \d+ bytes, safetensors, float32\n {2}sha256 [\da-f]{64}\n/);
	t.is(lines.at(-1), 'Use it with --set target.architecture=surrogate-small --set target.weights=imports/my-model.safetensors, or evaluation.weights, embedding.weights, target.initial.');
	t.deepEqual(readdirSync(path.join(files.folder, 'imports')), ['my-model.safetensors']);

	const listed = await weights(files, 'list');
	t.regex(listed.stdout, /^my-model {2}surrogate-small, \d+ kB, from "my model\.safetensors", sha256 [\da-f]{8}…$/);
	const shown = await weights(files, 'show', path.join(files.folder, 'imports/my-model.safetensors'));
	t.regex(shown.stdout, /^safetensors, \d+ kB, 22 tensors\nit says it is surrogate-small\n/);
	t.regex(shown.stdout, /^block1\/kernel {7,}float32 {3}\[5, 5, 3, 16]$/m);
});

test('the same file may be imported again, another one of the same name not', async t => {
	using files = makeFolder();
	const file = files.write('m.safetensors', own);
	const first = await weights(files, 'import', file);
	const bytes = readFileSync(path.join(files.folder, 'imports/m.safetensors'));
	t.is((await weights(files, 'import', file)).stdout, first.stdout);

	files.write('m.safetensors', Buffer.concat([...classifier.encode(untrainedClassifier('other'))]));
	const second = await weights(files, 'import', file);
	t.is(second.exitCode, 2);
	t.regex(second.stderr, /^error "[^"]+m\.safetensors" already holds the weights of another file\n/);
	t.deepEqual(readFileSync(path.join(files.folder, 'imports/m.safetensors')), bytes);
});

test('what cannot be imported leaves nothing behind', async t => {
	using files = makeFolder();
	const bad = [
		files.write('evil.pt', bytesOf(weightsFiles.refused[0]!.zip)),
		files.write('other.pt', bytesOf(weightsFiles.good[3]!.zip)),
		files.write('cut.safetensors', own.subarray(0, -1)),
	];
	const results = await Promise.all(bad.map(async file => weights(files, 'import', file, '--architecture', 'surrogate-small', '--size', '8')));
	t.deepEqual(results.map(({exitCode}) => exitCode), [2, 2, 2]);
	t.deepEqual(results.map(({stderr}) => stderr.split('\n')[0]), [
		'error This is a pickle, but not that of a state dict: loading it would run code. Nothing was run',
		'error "other.pt" does not hold the weights of "surrogate-small": 22 missing, 7 unexpected, 0 of another shape',
		`error "cut.safetensors" is damaged or incomplete: array "${results[2]!.stderr.split('"')[3]!}" lies at bytes ${results[2]!.stderr.split('lies at bytes ')[1]!.split('\n')[0]!}`,
	]);
	t.false(existsSync(path.join(files.folder, 'imports')));
	t.false(existsSync('EXECUTED'));
});

test('what a killed import left is removed, and a damaged file hides no other', async t => {
	using files = makeFolder();
	await weights(files, 'import', files.write('m.safetensors', own));
	const imports = path.join(files.folder, 'imports');
	// No process has so high a number.
	writeFileSync(path.join(imports, '.n.safetensors.99999999.part'), 'half');
	writeFileSync(path.join(imports, 'damaged.safetensors'), own.subarray(0, 1000));
	await weights(files, 'import', path.join(files.folder, 'm.safetensors'), '--name', 'n');
	t.deepEqual(readdirSync(imports).toSorted(), ['damaged.safetensors', 'm.safetensors', 'n.safetensors']);

	const {stdout, exitCode} = await weights(files, 'list', '--json');
	t.is(exitCode, 1);
	t.deepEqual(stdout.split('\n').map(line => JSON.parse(line) as {name: string; error?: {code: string}}).map(({name, error}) => [name, error?.code]), [['damaged', 'weights-damaged'], ['m', undefined], ['n', undefined]]);
});

test('a name cannot lead out of the folder', async t => {
	using files = makeFolder();
	const {stderr, exitCode} = await weights(files, 'import', files.write('m.safetensors', own), '--name', '../m');
	t.is(exitCode, 2);
	t.regex(stderr, /^error "\.\.\/m" cannot be the name of imported weights\n/);
});
