/** Our side of `frechet-distance.ts`: a line with files and their number of features comes in, one with seconds of processor time and the distance goes out. */
import {readFileSync} from 'node:fs';
import process from 'node:process';
import readline from 'node:readline';
import {frechetDistance} from '../../metrics/frechet-distance.ts';

for await (const line of readline.createInterface({input: process.stdin})) {
	const {files, size} = JSON.parse(line) as {readonly files: readonly string[]; readonly size: number};
	const [first, second] = files.map(file => ({values: new Float32Array(Uint8Array.from(readFileSync(file)).buffer), size}));
	const start = process.cpuUsage();
	const distance = frechetDistance(first!, second!);
	const {user, system} = process.cpuUsage(start);
	console.log(JSON.stringify({cpu: (user + system) / 1e6, distance}));
}
