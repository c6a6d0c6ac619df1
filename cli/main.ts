import {existsSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {Command, CommanderError, InvalidArgumentError, Option} from 'commander';
import pc from 'picocolors';
import {describeError, isUserError, UserError} from '../engine/error.ts';
import {parseLocation, type SharedLocation} from '../engine/shared/location.ts';
import type {DataCheckOptions} from './data/check.ts';
import {printable} from './format.ts';
import {graphFormats} from './graph/formats.ts';
import type {ImportOptions} from './weights/import.ts';
import type {WeightsOptions} from './weights/options.ts';

/** What every command may use. */
export type CommonOptions = {
	readonly pipeline: string;
	readonly params?: string;
	readonly set: ReadonlyArray<readonly [path: string, value: unknown]>;
	readonly cache?: string;
	readonly backend?: string;
	/** Seconds. */
	readonly checkpointAfter?: number;
	/** `false` when it was turned off with `--no-shared`. */
	readonly shared?: SharedLocation | false;
	readonly json?: boolean;
	/** Compiled worker; not an option of the command line. */
	readonly workerFile: string;
	/** Compiled type checker; not an option of the command line. */
	readonly checkerFile: string;
};

/** Exit codes: 0 success, 1 a node failed, 2 wrong usage or params, 130 interrupted. */
export async function main(args: readonly string[], {workerFile, checkerFile}: {readonly workerFile: string; readonly checkerFile: string}): Promise<number> {
	// A closed pipe, as in `pipeline status | head -1`, is no error.
	for (const stream of [process.stdout, process.stderr]) {
		stream.on('error', (error: NodeJS.ErrnoException) => {
			process.exit(error.code === 'EPIPE' ? 0 : 1);
		});
	}

	let exitCode = 0;
	const command = (name: string, description: string) => {
		const declared = program.command(name).description(description);
		// Making the same options for twenty commands that are not called takes milliseconds.
		return args[0] === name || args[0] === undefined || args[0].startsWith('-') ? withCommonOptions(declared) : declared;
	};

	// A command's code is loaded when it is called.
	const action = <Options extends object>(load: () => Promise<(names: readonly string[], options: CommonOptions & Options) => Promise<number>>) =>
		async (names: string | string[] | undefined, options: Omit<CommonOptions, 'workerFile' | 'checkerFile'> & Options) => {
			const perform = await load();
			exitCode = await perform([names ?? []].flat(), {...options, workerFile, checkerFile});
		};

	/** For commands whose first name may be that of a preset. */
	const goalAction = <Options extends object>(load: () => Promise<(names: readonly string[], options: CommonOptions & Options) => Promise<number>>) =>
		async (names: string[], options: Omit<CommonOptions, 'workerFile' | 'checkerFile'> & Options) => {
			const preset = options.params === undefined ? presetFile(options.pipeline, names[0]) : undefined;
			await action(load)(preset ? names.slice(1) : names, preset ? {...options, params: preset} : options);
		};

	/** For commands without arguments. */
	const alone = <Options extends object>(perform: (names: undefined, options: Omit<CommonOptions, 'workerFile'> & Options) => Promise<void>) =>
		async (options: Omit<CommonOptions, 'workerFile'> & Options) => perform(undefined, options);

	const program = new Command('pipeline')
		.description('Reproduces how label smoothing changes what model inversion attacks reconstruct. Runs only what is stale.')
		.exitOverride()
		.showSuggestionAfterError()
		.helpCommand(false);
	command('run', 'bring goals up to date: reuse what is fresh, run what is stale')
		.argument('[goal...]', 'goals, stages or nodes such as optimization@positive; all goals when none is named. The name of a preset stands for its params file: study for presets/study.json')
		.option('-j, --jobs <count>', 'nodes that run at a time (default: one per core)', wholeNumber)
		.option('-n, --dry-run', 'say what would run and why, and run nothing')
		.option('--reports <folder>', 'where reports go (default: reports/ beside the pipeline)')
		.action(goalAction(async () => (await import('./run.ts')).run));
	command('sweep', 'run many values of params and analyse how sensitive the results are to them')
		.argument('<param...>', 'key paths, or unambiguous tails of them such as alpha for target.alpha')
		.option('--values <list>', 'values and ranges such as -0.05,0:0.3:0.1, after NAME= where there are several params (default: those listed in "sweep" of the params file)', collect, [])
		.option('--zip', 'pair the values of the params in place of running every combination')
		.option('--repeat <count>', 'seeds that every point is run with, for means and standard deviations', wholeNumber, 1)
		.option('-j, --jobs <count>', 'nodes that run at a time (default: one per core)', wholeNumber)
		.option('-n, --dry-run', 'list the points, what would run and why, and about how long it takes; run nothing')
		.option('--reports <folder>', 'where the folder of the sweep goes (default: reports/ beside the pipeline)')
		.action(action(async () => (await import('./sweep.ts')).sweep));
	command('watch', 'keep goals up to date: run what becomes stale whenever a file is saved')
		.argument('[goal...]', 'as for run')
		.option('-j, --jobs <count>', 'nodes that run at a time (default: one per core)', wholeNumber)
		.option('--no-types', 'do not wait for TypeScript to find the types right')
		.option('--reports <folder>', 'where reports go (default: reports/ beside the pipeline)')
		.action(goalAction(async () => (await import('./watch.ts')).watch));
	command('status', 'show which nodes are fresh and which are stale')
		.argument('[goal...]', 'as for run')
		.action(goalAction(async () => (await import('./status.ts')).status));
	command('estimate', 'say what a run would cost before it runs: operations, memory and time per node on this machine')
		.argument('[goal...]', 'as for run')
		.option('-j, --jobs <count>', 'nodes that would run at a time (default: one per core)', wholeNumber)
		.option('--all', 'count every node, as if the cache was empty')
		.action(goalAction(async () => (await import('./estimate.ts')).estimate));
	command('why', 'show everything that determines a node, and what differs from its nearest earlier result')
		.argument('<node>', 'node, stage or goal')
		.action(action(async () => (await import('./why.ts')).why));
	command('graph', 'draw the graph with its state: Mermaid text, or a file whose name says the format')
		.argument('[goal...]', 'as for run')
		.option('--to <file>', 'write to a file: .svg, .mmd, .dot or .json')
		.addOption(new Option('--format <format>', 'what to write, whatever the name of the file').choices(graphFormats))
		.option('--all', 'a box for every node, instead of one for all variants of a node')
		.action(goalAction(async () => (await import('./graph.ts')).graph));
	command('show', 'show an artifact: where it comes from and what it holds')
		.argument('<artifact>', 'node, node.output, or the beginning of a digest')
		.option('--to <file>', 'write the bytes to a file')
		.action(action(async () => (await import('./show.ts')).show));
	command('log', 'show what a node wrote when it ran or failed')
		.argument('<node>', 'node, stage or goal')
		.action(action(async () => (await import('./log.ts')).log));
	command('doctor', 'show what was found on this machine, what was not, why, and how to get it')
		.action(async (options: Omit<CommonOptions, 'workerFile' | 'checkerFile'>) => {
			const {doctor} = await import('./doctor.ts');
			exitCode = await doctor([], {...options, workerFile, checkerFile});
		});
	command('push', 'send results to the shared cache')
		.argument('[goal...]', 'as for run')
		.option('--all', 'every result of the local cache, not only what the goals need')
		.option('-n, --dry-run', 'say what would be sent, and send nothing')
		.action(goalAction(async () => (await import('./push.ts')).push));
	command('pull', 'fetch results of stale nodes from the shared cache, and run nothing')
		.argument('[goal...]', 'as for run')
		.option('-n, --dry-run', 'say what would be fetched, and fetch nothing')
		.action(goalAction(async () => (await import('./pull.ts')).pull));
	command('verify', 'read every byte of the cache again; set aside what is damaged')
		.argument('[node...]', 'with --recompute: nodes, stages or goals')
		.option('--heal', 'make anew what the goals have lost')
		.option('--recompute', 'compute nodes again and compare the bytes with the recorded ones')
		.action(action(async () => (await import('./verify.ts')).verify));
	command('gc', 'say what may go from the cache, and remove it with --yes')
		.option('--yes', 'remove it')
		.option('--keep-days <days>', 'keep what is younger (default: 7)', nonNegative)
		.option('--keep-runs <count>', 'keep what so many of the latest runs used (default: 10)', nonNegativeWhole)
		.option('--max-size <size>', 'remove the oldest down to a size such as 20GB; pins, runs that go on and the current params stay', bytes)
		.action(alone(action(async () => (await import('./gc.ts')).gc)));
	command('pin', 'keep the results that nodes have now, whatever gc is told')
		.argument('[node...]', 'nodes, stages or goals')
		.option('--list', 'list what is pinned')
		.action(action(async () => (await import('./pin.ts')).pin));
	command('unpin', 'let gc remove again what was pinned')
		.argument('<node...>', 'nodes, as pin --list names them, or the beginnings of fingerprints')
		.action(action(async () => (await import('./pin.ts')).unpin));
	command('metrics', 'show the numbers of nodes, variants and runs, and what changed between two of them')
		.argument('[name...]', 'nodes, stages or goals; with --compare two variants or runs: last, previous, 12, 12@negative')
		.option('--run <run>', 'of a recorded run: its number, last or previous')
		.option('--compare', 'what differs in params and numbers between two variants or runs')
		.option('--csv', 'print CSV')
		.action(action(async () => (await import('./metrics.ts')).metrics));
	command('runs', 'list the latest runs')
		.option('--limit <count>', 'how many (default: 20)', wholeNumber)
		.action(alone(action(async () => (await import('./runs.ts')).runs)));
	command('schema', 'print the JSON schema of params files')
		.action(async (options: Omit<CommonOptions, 'workerFile' | 'checkerFile'>) => {
			const {schema} = await import('./schema.ts');
			exitCode = await schema([], {...options, workerFile, checkerFile});
		});
	declareWeights(program, code => {
		exitCode = code;
	});
	declareData(program, code => {
		exitCode = code;
	});
	pointToHelp(program, 'pipeline');
	try {
		await program.parseAsync([...args], {from: 'user'});
		return exitCode;
	} catch (error) {
		return explain(error, args.includes('--json'));
	}
}

/** Ends what is said about wrong usage of a command with how to get the help of that command. */
function pointToHelp(command: Command, path: string): void {
	command.configureOutput({writeErr: text => process.stderr.write(text), outputError(text, write) {
		write(`${text.replace(/^error: /, '').trimEnd()}\nSee: ${path} --help\n`);
	}});
	for (const part of command.commands) {
		pointToHelp(part, `${path} ${part.name()}`);
	}
}

/** The commands for weights from outside, which need no params and no cache. */
function declareWeights(program: Command, finish: (exitCode: number) => void): void {
	const weights = program.command('weights').description('import weights that were trained elsewhere: PyTorch state dicts and safetensors files');
	const command = (name: string, description: string) => weights.command(name).description(description)
		.option('--json', 'print JSON for machines')
		.addOption(pipelineOption());
	command('import', 'check a file, and convert it for "target.weights" and the like into imports/ beside the pipeline')
		.argument('<file>', 'state dict (.pt, .pth), whatever it is wrapped in, or safetensors file')
		.option('--architecture <name>', 'what it is to be; files of pipeline show --to and of this command say it themselves')
		.option('--classes <count>', 'number of classes (default: as many as the file has)', wholeNumber)
		.option('--size <pixels>', 'height and width of the images that it reads', wholeNumber)
		.option('--name <name>', 'what to call it (default: as the file)')
		.addOption(new Option('--transform-input <setting>', 'Inception-v3: whether it changes the scale of its input first (default: measured when it is used)').choices(['on', 'off']))
		.action(async (file: string, options: ImportOptions) => {
			finish(await (await import('./weights/import.ts')).importWeights(file, options));
		});
	command('list', 'list what was imported, and from where')
		.action(async (options: WeightsOptions) => {
			finish(await (await import('./weights/list.ts')).listWeights(options));
		});
	command('show', 'show what a file holds and which architecture it looks like')
		.argument('<file>', 'any file of weights')
		.action(async (file: string, options: WeightsOptions) => {
			finish(await (await import('./weights/show.ts')).showWeights(file, options));
		});
}

/** The commands for data sets, which need no cache. */
function declareData(program: Command, finish: (exitCode: number) => void): void {
	program.command('data').description('look at the data set of the params')
		.command('check').description('read every image, and say what there is, what is wrong, how it is split and what the paper had')
		.argument('[preset]', 'the name of a preset stands for its params file: facescrub for presets/facescrub.json')
		.option('--all', 'also the numbers of every person')
		.option('--list', 'print what the split digest is made of: part, class, person and file of each image, in order')
		.option('--params <file>', 'params file (default: params.json beside the pipeline)', absolute)
		.option('--set <path=value>', 'change one param; may be repeated', override, [])
		.option('--json', 'print JSON for machines')
		.addOption(pipelineOption())
		.action(async (preset: string | undefined, options: DataCheckOptions) => {
			const file = options.params === undefined ? presetFile(options.pipeline, preset) : undefined;
			if (preset !== undefined && file === undefined) {
				throw new UserError('no-preset', options.params === undefined ? `There is no preset "${preset}" beside the pipeline` : `Both the preset "${preset}" and --params name the params`, {
					hint: 'Name a file of presets/ without its extension, or any params file with --params FILE.',
				});
			}

			finish(await (await import('./data/check.ts')).checkData({...options, ...(file !== undefined && {params: file})}));
		});
}

function pipelineOption(): Option {
	return new Option('--pipeline <file>', 'pipeline file').default(path.resolve('pipeline.ts'), 'pipeline.ts').argParser(absolute);
}

function withCommonOptions(command: Command): Command {
	return command
		.option('--params <file>', 'params file (default: params.json beside the pipeline)', absolute)
		.option('--set <path=value>', 'change one param for this run; may be repeated', override, [])
		.option('--json', 'print JSON for machines')
		.addOption(pipelineOption())
		.addOption(new Option('--backend <name>', 'what to compute tensors with').env('PIPELINE_BACKEND'))
		.addOption(new Option('--checkpoint-after <seconds>', 'computing time before a node saves its first checkpoint (default: 5)').env('PIPELINE_CHECKPOINT_AFTER').argParser(seconds).hideHelp())
		.addOption(new Option('--shared <where>', 'shared cache: a folder, or s3://bucket/prefix?region=…&endpoint=…').env('PIPELINE_SHARED').argParser(location))
		.option('--no-shared', 'use no shared cache')
		.addOption(new Option('--cache <folder>', 'cache folder (default: cache/ beside the pipeline)').env('PIPELINE_CACHE').argParser(absolute));
}

/** The params file of a preset, where there is one of that name beside the pipeline. */
function presetFile(pipeline: string, name: string | undefined): string | undefined {
	const file = name !== undefined && /^[\w-]+$/.test(name) ? path.join(path.dirname(pipeline), 'presets', `${name}.json`) : undefined;
	return file !== undefined && existsSync(file) ? file : undefined;
}

function absolute(file: string): string {
	return path.resolve(file);
}

function location(text: string): SharedLocation {
	return parseLocation(text, process.cwd());
}

function wholeNumber(text: string): number {
	const value = Number(text);
	if (!Number.isInteger(value) || value < 1) {
		throw new InvalidArgumentError('It must be a whole number of at least 1.');
	}

	return value;
}

function seconds(text: string): number {
	const value = Number(text);
	if (text.trim() === '' || !(value >= 0)) {
		throw new InvalidArgumentError('It must be a number of seconds of at least 0.');
	}

	return value;
}

function collect(text: string, earlier: readonly string[]): readonly string[] {
	return [...earlier, text];
}

function nonNegative(text: string): number {
	const value = Number(text);
	if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
		throw new InvalidArgumentError('It must be a number of at least 0.');
	}

	return value;
}

function nonNegativeWhole(text: string): number {
	const value = nonNegative(text);
	if (!Number.isInteger(value)) {
		throw new InvalidArgumentError('It must be a whole number of at least 0.');
	}

	return value;
}

/** In powers of ten, as sizes are printed. */
function bytes(text: string): number {
	const match = /^(\d+(?:\.\d+)?) ?(|k|m|g|t)b?$/i.exec(text);
	if (!match) {
		throw new InvalidArgumentError('It must be a size, as in 500MB or 20GB.');
	}

	return Number(match[1]) * (1000 ** ['', 'K', 'M', 'G', 'T'].indexOf(match[2]!.toUpperCase()));
}

function override(text: string, earlier: ReadonlyArray<readonly [string, unknown]>): ReadonlyArray<readonly [string, unknown]> {
	const at = text.indexOf('=');
	if (at < 1) {
		throw new InvalidArgumentError('It must have the form path=value, as in target.alpha=0.1.');
	}

	return [...earlier, [text.slice(0, at), parseValue(text.slice(at + 1))]];
}

/** JSON where it is JSON, so that numbers are numbers; a text otherwise. */
function parseValue(text: string): unknown {
	try {
		return JSON.parse(text) as unknown;
	} catch {
		return text;
	}
}

function explain(error: unknown, isJson: boolean): number {
	if (error instanceof CommanderError) {
		return error.exitCode === 0 ? 0 : 2;
	}

	if (isJson) {
		const {code, message, hint, facts} = error as Error & {code?: string; hint?: string; facts?: object};
		process.stdout.write(`${JSON.stringify({error: {code, message, hint, facts}})}\n`);
	} else {
		process.stderr.write(`${pc.red('error')} ${printable(describeError(error))}\n`);
	}

	return isUserError(error) ? 2 : 1;
}
