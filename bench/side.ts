/** A program beside others that are timed: a line goes in, a line of JSON comes out. */
import {spawn} from 'node:child_process';
import process from 'node:process';
import readline from 'node:readline';

export type Side = {
	readonly pid: number;
	/** Writes a line without waiting for an answer. */
	tell(line: string): void;
	/** @returns what it answers; nothing when it has ended */
	ask(line: string): Promise<unknown>;
	close(): void;
};

/** Starts a program that may use the first cores only; libraries take as many threads as they see cores. Needs Linux. */
export function startSide(command: readonly string[], cores: number): Side {
	const child = spawn('taskset', ['-c', `0-${cores - 1}`, ...command], {stdio: ['pipe', 'pipe', 'inherit'], env: {...process.env, OMP_NUM_THREADS: String(cores)}});
	const lines = readline.createInterface({input: child.stdout})[Symbol.asyncIterator]();
	child.stdin.on('error', () => {}); // eslint-disable-line @typescript-eslint/no-empty-function -- a side that is missing answers nothing
	const tell = (line: string) => {
		child.stdin.write(`${line}\n`);
	};

	return {
		pid: child.pid!,
		tell,
		async ask(line) {
			tell(line);
			const answer = await lines.next();
			return answer.done ? undefined : JSON.parse(answer.value) as unknown;
		},
		close() {
			child.stdin.end();
		},
	};
}

/** As `ask`, of a side that must be there. @throws {Error} when it has ended */
export async function answerOf(side: Side, line: string): Promise<unknown> {
	const answer = await side.ask(line);
	if (answer === undefined) {
		throw new Error(`A side ended before it answered "${line}"; the lines above say why`);
	}

	return answer;
}
