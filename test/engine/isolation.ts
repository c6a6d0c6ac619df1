import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {describeError, UserError} from '../../engine/error.ts';
import {makeRig, type RigRun} from '../helpers/rig.ts';

const root = path.join(import.meta.dirname, '../..');
const fixture = path.join(root, 'test/fixtures/misbehaving');

let run: RigRun;
let folder: string;

test.before(async () => {
	using rig = await makeRig('misbehaving');
	folder = path.relative(root, rig.folder);
	await using project = await rig.open();
	run = await rig.run({goals: project.graph.nodes.map(({name}) => name)});
});

/** Where a text is in the fixture, as messages say it. */
function at(file: string, text: string): string {
	const lines = readFileSync(path.join(fixture, file), 'utf8').split('\n');
	return `${folder}/${file}:${lines.findIndex(line => line.includes(text)) + 1}`;
}

/** What people read about a failed node. */
function failureOf(name: string): string {
	const outcome = run.outcomes.get(name)!;
	return outcome.outcome === 'failed' ? describeError(new UserError(outcome.error.code ?? '', outcome.error.message, {hint: outcome.error.hint ?? '', facts: outcome.error.facts ?? {}})) : outcome.outcome;
}

function logOf(name: string): string {
	const outcome = run.outcomes.get(name)!;
	return outcome.outcome === 'ran' ? outcome.result.provenance.log : failureOf(name);
}

const failsWith = test.macro({
	exec(t, name: string, message: () => string) {
		t.is(failureOf(name), message());
	},
	title: title => title!,
});

const readsUndeclared = test.macro({
	exec(t, name: string, call: string, ...[file = 'package.json']: readonly string[]) {
		t.is(failureOf(name), `Stage "${name}" reads "${file}", which is not among its inputs
  at  ${at('reading.ts', call)}
Declare it as an input, a folder() or file() in pipeline.ts, or import it as code: only then does a change of it make results stale.`);
	},
	title: title => `${title} is refused`,
});

test('a file of the project that is no input', readsUndeclared, 'reads-file', 'size: readFileSync(');
test('reading by promise', readsUndeclared, 'reads-later', 'await readFile(');
test('reading by callback', readsUndeclared, 'reads-by-callback', 'fs.readFile(');
test('a stream', readsUndeclared, 'reads-stream', 'of createReadStream(');
test('what a stage makes Node read', readsUndeclared, 'reads-by-require', 'createRequire(import');
test('reading inside a function without a file', readsUndeclared, 'reads-in-map', '.map(file => readFileSync');
test('listing a folder', readsUndeclared, 'lists-folder', 'readdirSync(\'stages\')', 'stages');
test('a read whose error the stage swallows', readsUndeclared, 'swallows', 'openSync(\'package.json\'');

test('a read in a thread of the stage, whose error the stage swallows', readsUndeclared, 'swallows-from-thread', 'readFileSync(file).length}');

test('writing beside the outputs is refused and nothing is written', t => {
	t.is(failureOf('writes'), `Stage "writes" writes "stray.txt", which is not its to change
  at  ${at('reading.ts', 'writeFileSync(\'stray.txt\'')}
Return results as outputs; for files that are needed only meanwhile there is os.tmpdir().`);
	t.false(existsSync(path.join(root, 'stray.txt')));
});

test('removing is writing, and outside the project too', failsWith, 'removes', () => `Stage "removes" writes "/stray", which is not its to change
  at  ${at('reading.ts', 'rmSync(\'/stray\'')}
Return results as outputs; for files that are needed only meanwhile there is os.tmpdir().`);

test('inputs, packages, scratch files and the rest of the machine are free', t => {
	t.is(logOf('behaves'), '');
	t.is(run.goals.behaves, 7);
});

const drawsUndeclared = test.macro({
	exec(t, name: string, call: string, place: () => string) {
		t.is(failureOf(name), `Stage "${name}" draws random numbers that do not come from its seed
  call  ${call}
  at    ${place()}
Say seeded: true in the stage and draw from randomStream(seed): the same fingerprint must give the same bytes.`);
	},
	title: title => `${title} is refused`,
});

test('Math.random', drawsUndeclared, 'draws', 'Math.random', () => at('asking.ts', 'Math.random'));
test('a random name', drawsUndeclared, 'draws-name', 'crypto.randomUUID', () => at('asking.ts', 'randomUUID().'));
test('drawing bytes', drawsUndeclared, 'draws-bytes', 'crypto.getRandomValues', () => at('asking.ts', 'getRandomValues'));
test('a draw while the module is loaded', drawsUndeclared, 'draws-at-load', 'Math.random', () => at('at-load.ts', 'Math.random'));

test('a package that draws for the stage is refused, and both are named', t => {
	const [, shuffling, calling] = /^ {2}at {4}(.*), called from (.*)$/m.exec(failureOf('shuffles')) ?? [];
	t.regex(shuffling!, /^node_modules\/@tensorflow\/tfjs-core\/dist\/[\w./-]+:\d+$/);
	t.is(calling, at('asking.ts', 'util.shuffle'));
});

const warns = test.macro({
	exec(t, name: string, message: () => string) {
		t.is(logOf(name), `warning: ${message()}`);
	},
	title: title => `${title} is told, once`,
});

test('asking for the time', warns, 'asks-time', () => `${at('asking.ts', 'Date.now')} asks what time it is (Date.now); results must not depend on it`);
test('asking for the time in threads', warns, 'asks-time-in-threads', () => `${at('asking.ts', 'job + Math.min')} asks what time it is (Date.now); results must not depend on it`);
test('making a date of now', warns, 'asks-date', () => `${at('asking.ts', 'new Date().')} asks what time it is (new Date); results must not depend on it`);
test('reading the environment', warns, 'asks-environment', () => `${at('asking.ts', 'process.env.MISBEHAVING +')} reads the environment variable MISBEHAVING, which is no part of the fingerprint`);
test('starting a process', warns, 'starts-process', () => `${at('asking.ts', 'execFileSync(process')} starts a process (execFileSync); what it reads and writes is not seen`);
test('starting a thread', warns, 'starts-thread', () => `${at('asking.ts', 'new Worker')} starts a thread (Worker); what it reads and writes is not seen`);
test('leaking', warns, 'leaks', () => 'the stage leaks 3 tensors');

test('what a stage asked for is what it gets', t => {
	const {'asks-time': time, 'asks-date': date, 'asks-environment': environment, 'starts-process': printed, 'starts-thread': exitCode} = run.goals;
	t.deepEqual({time, date, environment, printed, exitCode}, {time: 1, date: 2, environment: 'yesyes'.length, printed: '4\n'.length, exitCode: 0});
});

test('numbers that are none fail the node', failsWith, 'diverges', () => `Output "history" of stage "diverges" holds 2 numbers that are not finite
  first  history.columns.loss[1] is NaN
Stop at the step where the first one appears. An artifact type whose values may hold such numbers says mayHoldNonFinite: true.`);

test('infinities in arrays fail the node', failsWith, 'explodes', () => `Output "weights" of stage "explodes" holds a number that is not finite
  first  weights["conv 1"][1] is -Infinity
Stop at the step where the first one appears. An artifact type whose values may hold such numbers says mayHoldNonFinite: true.`);

test('an artifact type may say that its values hold infinities', t => {
	t.is(run.outcomes.get('scores-nothing')?.outcome, 'ran');
});
