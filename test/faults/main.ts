/** `npm run test:faults`: a long campaign. */
import process from 'node:process';
import {parseArgs} from 'node:util';
import {faults, runCampaign, type RoundReport} from './campaign.ts';

const usage = 'Usage: npm run test:faults -- [--seed NUMBER] [--count ROUNDS] [--only ROUND]';

/** @throws when it is not a whole number from 1 */
function wholeNumber(name: string, text: string | undefined): number | undefined {
	const value = Number(text);
	if (text !== undefined && (!Number.isInteger(value) || value < 1)) {
		throw new TypeError(`--${name} must be a whole number of at least 1, got "${text}"`);
	}

	return text === undefined ? undefined : value;
}

function readOptions() {
	try {
		const {values} = parseArgs({options: {seed: {type: 'string'}, count: {type: 'string'}, only: {type: 'string'}}});
		const only = wholeNumber('only', values.only);
		return {seed: wholeNumber('seed', values.seed) ?? 1, count: wholeNumber('count', values.count) ?? Math.max(400, only ?? 0), only};
	} catch (error) {
		process.stderr.write(`${(error as Error).message}\n${usage}\n`);
		return undefined;
	}
}

const width = Math.max(...faults.map(({name}) => name.length));

function printRound({number, fault, seconds, result, detail}: RoundReport): void {
	process.stdout.write(`${String(number).padStart(5)}  ${fault.padEnd(width)}  ${result.padEnd(8)}  ${seconds.toFixed(1).padStart(5)} s  ${detail}\n`);
}

function printSummary(rounds: readonly RoundReport[], seed: number, seconds: number): void {
	const count = (name: string, result: RoundReport['result']) => rounds.filter(round => round.fault === name && round.result === result).length;
	process.stdout.write(`\n${'fault'.padEnd(width)}  passed  failed  left out\n`);
	for (const {name} of faults) {
		process.stdout.write(`${name.padEnd(width)}  ${(['passed', 'failed', 'left out'] as const).map(result => String(count(name, result)).padStart(result.length)).join('  ')}\n`);
	}

	const failed = rounds.filter(({result}) => result === 'failed');
	process.stdout.write(`\n${rounds.length} rounds of seed ${seed} in ${seconds.toFixed(0)} s: ${failed.length} failed${failed.length === 0 ? '' : ` (${failed.map(({number}) => number).join(', ')})`}\n`);
}

const options = readOptions();
if (options) {
	const startedMs = performance.now();
	const rounds: RoundReport[] = [];
	const controller = new AbortController();
	process.on('SIGINT', () => {
		if (controller.signal.aborted) {
			process.exit(130);
		}

		process.stderr.write('ending with the rounds that run; Ctrl-C again leaves their folders behind\n');
		controller.abort();
	});
	await runCampaign({...options, signal: controller.signal, report(round) {
		rounds.push(round);
		printRound(round);
	}});
	printSummary(rounds, options.seed, (performance.now() - startedMs) / 1000);
	process.exitCode = rounds.some(({result}) => result === 'failed') ? 1 : (controller.signal.aborted ? 130 : 0);
} else {
	process.exitCode = 2;
}
