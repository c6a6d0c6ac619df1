/**
 * Preloaded into a process (`NODE_OPTIONS=--import=…`): its clock reads as much later or earlier as the file says that
 * CLOCK_OFFSET_FILE names, in milliseconds, and jumps when the file changes. Nothing but the clock of dates: time that only goes on
 * (`performance.now`, timers) is what no operating system ever turns back.
 */
import {readFileSync} from 'node:fs';
import process from 'node:process';

const file = process.env.CLOCK_OFFSET_FILE ?? '';
const RealDate = Date;

function now() {
	return RealDate.now() + Number(readFileSync(file, 'utf8'));
}

class JumpingDate extends RealDate {
	/** @param {any[]} values */
	constructor(...values) {
		// @ts-expect-error The constructor of dates takes none, one or many values.
		super(...(values.length === 0 ? [now()] : values));
	}

	static now() {
		return now();
	}
}

globalThis.Date = /** @type {DateConstructor} */ (JumpingDate);
