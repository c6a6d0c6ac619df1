import {availableParallelism} from 'node:os';
import process from 'node:process';
import {Watcher} from '../engine/watch.ts';
import {projectOptions} from './open.ts';
import {interruptible, reportsFolder} from './run.ts';
import {jsonDisplay, lineDisplay, type WatchDisplay} from './watch-lines.ts';
import {screenLines} from './watch-screen.ts';
import {initialState, nextState} from './watch-state.ts';
import type {CommonOptions} from './main.ts';

type WatchCommandOptions = CommonOptions & {readonly jobs?: number; readonly types: boolean; readonly reports?: string};

/** How often the screen is drawn. */
const redrawEveryMs = 120;

/** `pipeline watch`: goes on until it is interrupted. */
export async function watch(names: readonly string[], options: WatchCommandOptions): Promise<number> {
	const display = await displayFor(names, options.json ?? false);
	let watcher: Watcher | undefined;
	const interruption = interruptible({
		kill() {
			watcher?.kill();
		},
	}, display.announce);
	try {
		watcher = new Watcher({
			...projectOptions(options),
			goals: names,
			jobs: options.jobs ?? availableParallelism(),
			reportsFolder: reportsFolder(options),
			checkerFile: options.types ? options.checkerFile : undefined,
			listener: display.listener,
			signal: interruption.signal,
		});
		await watcher.run();
	} finally {
		interruption.end();
		display.end();
	}

	return 130;
}

async function displayFor(names: readonly string[], isJson: boolean): Promise<WatchDisplay> {
	if (isJson) {
		return jsonDisplay();
	}

	return process.stderr.isTTY ? screenDisplay(names) : lineDisplay();
}

/** For people: one screen that is painted over. */
async function screenDisplay(names: readonly string[]): Promise<WatchDisplay> {
	const {createLogUpdate} = await import('log-update');
	const logUpdate = createLogUpdate(process.stderr, {showCursor: false});
	let state = initialState(names);
	const draw = () => {
		const {columns = 80, rows = 24} = process.stderr;
		logUpdate(screenLines(state, {columns, rows}).join('\n'));
	};

	const timer = setInterval(draw, redrawEveryMs);
	return {
		listener(event) {
			state = nextState(state, event);
		},
		announce(note) {
			state = {...state, note};
		},
		end() {
			clearInterval(timer);
			draw();
			logUpdate.done();
		},
	};
}
