/** Preloaded by `node --import`: writes the largest resident memory of the process, in bytes, to the file that PEAK_MEMORY names. */
import {writeFileSync} from 'node:fs';
import process from 'node:process';

const file = process.env.PEAK_MEMORY;
// Processes that this one starts are not meant.
delete process.env.PEAK_MEMORY;
if (file) {
	process.on('exit', () => {
		writeFileSync(file, String(1024 * process.resourceUsage().maxRSS));
	});
}
