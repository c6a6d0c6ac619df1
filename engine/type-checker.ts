import {existsSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import type {ResultPromise} from 'execa';
import type {CheckReply, CheckRequest} from './type-checker-process.ts';

/** What came out of a check. */
export type TypeCheck =
	| {readonly check: 'right'}
	/** One text per error: file, line, column, message and the line itself. */
	| {readonly check: 'wrong'; readonly errors: readonly string[]}
	/** The checker died, as for want of memory. */
	| {readonly check: 'unavailable'};

/** What a check needs: TypeScript as the project has it, and its configuration. */
type Installed = {readonly library: string; readonly configFile: string};

type CheckerProcess = ResultPromise<{node: true; ipc: true; buffer: false; reject: false}>;

/** Checks the types of a pipeline in a process of its own, so that planning never waits for it. */
export class TypeChecker implements AsyncDisposable {
	readonly #process: CheckerProcess;
	readonly #waiting = new Map<number, (check: TypeCheck) => void>();
	#last = 0;
	#isDead = false;

	private constructor(child: CheckerProcess) {
		this.#process = child;
		(child as unknown as NodeJS.EventEmitter).on('message', ({id, errors}: CheckReply) => {
			this.#settle(id, errors.length === 0 ? {check: 'right'} : {check: 'wrong', errors});
		});
		void this.#watch();
	}

	/** @returns nothing where the project has no TypeScript or no tsconfig.json */
	static async start(pipelineFile: string, checkerFile: string): Promise<TypeChecker | undefined> {
		const installed = findTypeScript(pipelineFile);
		if (!installed) {
			return undefined;
		}

		const {execa} = await import('execa');
		const child = execa({node: true, ipc: true, buffer: false, reject: false, stdin: 'ignore', stdout: 'ignore', stderr: 'ignore'})(checkerFile, [pipelineFile, installed.configFile, installed.library]);
		return new TypeChecker(child as unknown as CheckerProcess);
	}

	/** Checks the files as they are now. Never rejects. */
	async check(): Promise<TypeCheck> {
		if (this.#isDead) {
			return {check: 'unavailable'};
		}

		this.#last += 1;
		const request: CheckRequest = {id: this.#last};
		return new Promise(resolve => {
			this.#waiting.set(request.id, resolve);
			(this.#process as unknown as NodeJS.Process).send?.(request, undefined, undefined, () => undefined);
		});
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#process.kill('SIGKILL');
		await this.#process;
	}

	async #watch(): Promise<void> {
		await this.#process;
		this.#isDead = true;
		for (const id of this.#waiting.keys()) {
			this.#settle(id, {check: 'unavailable'});
		}
	}

	#settle(id: number, check: TypeCheck): void {
		this.#waiting.get(id)?.(check);
		this.#waiting.delete(id);
	}
}

function findTypeScript(pipelineFile: string): Installed | undefined {
	for (let folder = path.dirname(pipelineFile); ; folder = path.dirname(folder)) {
		const configFile = path.join(folder, 'tsconfig.json');
		if (existsSync(configFile)) {
			const library = resolveFrom(pipelineFile, 'typescript');
			return library === undefined ? undefined : {library, configFile};
		}

		if (folder === path.dirname(folder)) {
			return undefined;
		}
	}
}

function resolveFrom(file: string, specifier: string): string | undefined {
	try {
		return createRequire(file).resolve(specifier);
	} catch {
		return undefined;
	}
}
