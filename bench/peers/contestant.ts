import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import type {LayeredDag} from '../layered-dag.ts';
import {timed} from '../timing.ts';
import type {Peer, PeerProject, Setting} from './peer.ts';
import type {Kind, Measured} from './result.ts';

/** A peer with its project on disk. */
export class Contestant {
	readonly peer: Peer;
	readonly #project: PeerProject;
	readonly #folder: string;
	readonly #measured: Record<Kind, {ms: number[]; problem?: string}> = {nothing: {ms: []}, leaf: {ms: []}, cold: {ms: []}};
	#changes = 0;

	/** Writes the project. @param setting its folder must not exist */
	constructor(peer: Peer, dag: LayeredDag, setting: Setting) {
		this.peer = peer;
		this.#folder = setting.folder;
		this.#project = peer.write(dag, setting);
		const {files, links = {}, prepare = [], env} = this.#project;
		for (const [file, text] of Object.entries(files)) {
			mkdirSync(path.dirname(this.#absolute(file)), {recursive: true});
			writeFileSync(this.#absolute(file), text);
		}

		for (const [link, to] of Object.entries(links)) {
			symlinkSync(to, this.#absolute(link));
		}

		for (const [program, ...args] of prepare) {
			execFileSync(program, args, {cwd: this.#folder, env: {...process.env, ...env}, stdio: ['ignore', 'ignore', 'inherit']});
		}
	}

	get measured(): Readonly<Record<Kind, Measured>> {
		return this.#measured;
	}

	/** Whether something went wrong, so that there is no point in going on. */
	get isOut(): boolean {
		return this.problem !== undefined;
	}

	/** The first thing that went wrong. */
	get problem(): string | undefined {
		return Object.values(this.#measured).find(({problem}) => problem !== undefined)?.problem;
	}

	/** Runs once and looks whether the run did what it should. @returns what to tell about it */
	async measure(kind: Kind, limitMs: number): Promise<string> {
		const measured = this.#measured[kind];
		const {command, env, leaf, outputs} = this.#project;
		const before = kind === 'cold' ? '' : this.#lastOutput();
		if (kind === 'cold') {
			this.#forget();
		} else if (kind === 'leaf') {
			this.#change(this.#absolute(leaf));
		}

		const result = await timed(command, {cwd: this.#folder, env, limitMs, logFile: `${this.#folder}.log`});
		if (result.outcome === 'too-long') {
			measured.problem = `> ${(limitMs / 1000).toLocaleString('en')} s`;
			return measured.problem;
		}

		if (result.outcome === 'failed') {
			measured.problem = 'failed';
			return `${result.what}\n${result.lastLines}`;
		}

		const missing = outputs.filter(output => !existsSync(this.#absolute(output))).length;
		if (missing > 0) {
			measured.problem = `${missing} outputs missing`;
		} else if (kind === 'cold' && !this.#isSettled()) {
			measured.problem = 'not up to date';
		} else if (kind === 'leaf' && this.#lastOutput() === before) {
			measured.problem = 'change not seen';
		} else if (kind === 'nothing' && this.#lastOutput() !== before) {
			measured.problem = 'output changed';
		} else {
			measured.ms.push(result.ms);
		}

		return measured.problem ?? `${result.ms.toFixed(0)} ms`;
	}

	/** Brings caches of the system and of the peer into the state they have between two runs; untimed. */
	async warmUp(limitMs: number): Promise<void> {
		await this.measure('nothing', limitMs);
		this.#measured.nothing.ms.length = 0;
	}

	#forget(): void {
		for (const file of [...this.#project.outputs, ...this.#project.state]) {
			rmSync(this.#absolute(file), {recursive: true, force: true});
		}
	}

	#change(file: string): void {
		this.#changes += 1;
		writeFileSync(file, `leaf v${this.#changes}\n`);
		if (this.#project.hasWholeSeconds) {
			const seconds = Math.floor(Date.now() / 1000) + this.#changes;
			utimesSync(file, seconds, seconds);
		}
	}

	#isSettled(): boolean {
		const {settled, env} = this.#project;
		if (!settled) {
			return true;
		}

		const {command: [program, ...args], isSo} = settled;
		return isSo(execFileSync(program, args, {cwd: this.#folder, env: {...process.env, ...env}, encoding: 'utf8', maxBuffer: 1 << 30}));
	}

	#lastOutput(): string {
		return readFileSync(this.#absolute(this.#project.outputs.at(-1)!), 'utf8');
	}

	#absolute(file: string): string {
		return path.resolve(this.#folder, file);
	}
}
