/** Prints how long `pipeline watch` takes from a save to the new plan, for three files of this experiment. Usage: npx tsx bench/watch.ts [times] */
import {once} from 'node:events';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import process from 'node:process';
import readline from 'node:readline';
import {setTimeout} from 'node:timers/promises';
import {execa} from 'execa';

const root = path.join(import.meta.dirname, '..');
const times = Number(process.argv[2] ?? 10);

/** Every save is another text, while the first nodes of the experiment run in the background. */
const edits: ReadonlyArray<readonly [file: string, edit: (source: string, round: number) => string]> = [
	['losses/poincare.ts', (source, round) => `${source}\nexport const edited = ${round};\n`],
	['pipeline.ts', (source, round) => `${source}\n// ${round}\n`],
	['params.json', (source, round) => `${source}${' '.repeat(round)}\n`],
];

const cache = mkdtempSync(path.join(tmpdir(), 'watch-'));
const originals = edits.map(([file]) => [path.join(root, file), readFileSync(path.join(root, file), 'utf8')] as const);
const watch = execa(process.execPath, ['bin/pipeline.cjs', 'watch', '--json', '--no-types', '--cache', cache, '--jobs', '1'], {cwd: root, reject: false, buffer: false, stdin: 'ignore'});
const lines = readline.createInterface({input: watch.stdout});

/** Waits for the next plan. @returns when it came */
const planned = async (): Promise<number> => {
	let event: string | undefined;
	while (event !== 'planned') {
		const [line] = await once(lines, 'line') as [string];
		({event} = JSON.parse(line) as {event: string});
	}

	return performance.now();
};

try {
	await planned();
	// The first node takes its worker's start.
	await setTimeout(3000);
	for (const [place, [file, edit]] of edits.entries()) {
		const [target, source] = originals[place]!;
		const tookMs: number[] = [];
		for (let round = 1; round <= times; round++) {
			await setTimeout(700);
			const startedMs = performance.now();
			const next = planned();
			writeFileSync(target, edit(source, round));
			tookMs.push(await next - startedMs);
		}

		const sorted = tookMs.toSorted((a, b) => a - b);
		process.stdout.write(`${file.padEnd(20)} median ${Math.round(sorted[Math.floor(times / 2)]!)} ms, fastest ${Math.round(sorted[0]!)} ms, slowest ${Math.round(sorted.at(-1)!)} ms\n`);
	}
} finally {
	for (const [target, source] of originals) {
		writeFileSync(target, source);
	}

	watch.kill('SIGINT');
	watch.kill('SIGINT');
	await watch;
	rmSync(cache, {recursive: true});
}
