import process from 'node:process';
import pc from 'picocolors';
import {describeError} from '../engine/error.ts';
import type {RunEvent} from '../engine/event.ts';
import type {WatchEvent} from '../engine/watch.ts';
import {formatDuration, printable} from './format.ts';
import {formatMove, numbersOf, type Numbers} from './numbers.ts';
import {outcomeLine, plainRunEvent} from './reporter.ts';
import {goalTexts, summarize} from './run.ts';
import {describeChanged, describePending} from './watch-state.ts';

/** Shows what happens while a pipeline is watched. */
export type WatchDisplay = {
	readonly listener: (event: WatchEvent) => void;
	/** As said by the first Ctrl-C. */
	readonly announce: (text: string) => void;
	readonly end: () => void;
};

/** For logs: a line per event. */
export function lineDisplay(): WatchDisplay {
	let before: Numbers = new Map();
	let texts = '';
	let width = 0;
	const started = new Set<string>();
	const print = (label: string, text: string) => {
		process.stderr.write(`${label.padEnd(10)}${text.replaceAll('\n', `\n${' '.repeat(10)}`)}\n`);
	};

	const runEvent = (run: RunEvent) => {
		switch (run.event) {
			case 'started': {
				const {name} = run.node;
				started.add(name);
				print('running', run.startedMs === undefined ? name : `${name.padEnd(width)}  goes on`);
				break;
			}

			case 'elsewhere': {
				print('waits', `${run.node.name.padEnd(width)}  process ${run.pid} computes it`);
				break;
			}

			case 'damaged': {
				print('damaged', `${run.node.name.padEnd(width)}  object ${run.digest} was set aside; what made it runs again`);
				break;
			}

			case 'finished': {
				const {outcome} = run.outcome;
				// What was never started, because something else is to be run instead, is of no interest.
				if (outcome !== 'reused' && (outcome !== 'cancelled' || started.has(run.node.name))) {
					process.stderr.write(`${outcomeLine(run, width, undefined).trimEnd()}\n`);
				}

				break;
			}

			case 'line': {
				if (run.line.startsWith('warning:')) {
					print('warning', `${run.node.name.padEnd(width)}  ${printable(run.line.slice('warning:'.length).trim())}`);
				}

				break;
			}

			case 'shared': {
				print('warning', printable(run.message));
				break;
			}

			case 'step':
			case 'sending': {
				break;
			}
		}
	};

	return {
		listener(event) {
			switch (event.event) {
				case 'planned': {
					print('planned', describePlan(event));
					break;
				}

				case 'broken': {
					print(pc.red('error'.padEnd(10)), printable(describeError(event.error)));
					break;
				}

				case 'types': {
					if (event.check.check === 'wrong') {
						print(pc.red('types'.padEnd(10)), printable(event.check.errors.join('\n')));
					} else {
						print('types', event.check.check);
					}

					break;
				}

				case 'started': {
					width = Math.max(0, ...event.plan.nodes.map(({name}) => name.length));
					started.clear();
					break;
				}

				case 'run': {
					runEvent(event.run);
					break;
				}

				case 'completed': {
					const {outcomes, plan, durationMs} = event;
					const now = numbersOf(outcomes, plan.project.store);
					for (const [name, value] of now) {
						if (before.get(name) !== value) {
							print('number', `${name} ${formatMove(before.get(name), value)}`);
						}
					}

					before = now;
					const text = goalTexts(plan.project, outcomes).map(goal => `\n${goal}\n\n`).join('');
					process.stdout.write(text === texts ? '' : text);
					texts = text;
					const counts = Object.entries(summarize(outcomes)).filter(([, count]) => count > 0).map(([outcome, count]) => `${count} ${outcome}`);
					print('done', `${counts.join(', ')} in ${formatDuration(durationMs)}`);
					break;
				}
			}
		},
		announce(text) {
			process.stderr.write(`${text}\n`);
		},
		end: () => undefined,
	};
}

/** For machines: one JSON object per line. */
export function jsonDisplay(): WatchDisplay {
	return {
		listener(event) {
			const plain = plainEvent(event);
			if (plain) {
				process.stdout.write(`${JSON.stringify(plain)}\n`);
			}
		},
		announce: () => undefined,
		end: () => undefined,
	};
}

function describePlan({plan, changed, durationMs}: Extract<WatchEvent, {event: 'planned'}>): string {
	const pending = [...plan.states].flatMap(([{name}, state]) => {
		const why = describePending(state);
		return why === undefined ? [] : [`${name} ${why}`];
	});
	const cause = changed.length === 0 ? '' : `${describeChanged(changed, plan.project.loaded.root)} changed: `;
	const count = (wanted: string) => [...plan.states.values()].filter(({state}) => state === wanted).length;
	return [`${cause}${count('stale')} stale, ${count('waiting')} wait for them, ${count('fresh')} fresh, in ${Math.round(durationMs)} ms`, ...pending].join('\n');
}

function plainEvent(event: WatchEvent): object | undefined {
	switch (event.event) {
		case 'planned': {
			const {plan, ...rest} = event;
			return {...rest, nodes: [...plan.states].map(([{name}, {state}]) => ({node: name, state}))};
		}

		case 'broken': {
			const {code, message, hint, facts} = event.error as Error & {code?: string; hint?: string; facts?: object};
			return {event: 'broken', changed: event.changed, error: {code, message, hint, facts}};
		}

		case 'types': {
			return {event: 'types', ...event.check};
		}

		case 'started': {
			return undefined;
		}

		case 'run': {
			return plainRunEvent(event.run);
		}

		case 'completed': {
			const {outcomes, plan, reports, durationMs} = event;
			return {event: 'completed', ...summarize(outcomes), reports, durationMs, numbers: Object.fromEntries(numbersOf(outcomes, plan.project.store))};
		}
	}
}
