/** One training step of each network of `networks.ts` on a backend, for `training-step.ts`: a line with a network's name comes in, one with the milliseconds of a step goes out. */
import process from 'node:process';
import readline from 'node:readline';
import {useBackend} from '../tensors/backend.ts';
import {networks, trainer} from './networks.ts';

await useBackend(process.argv[2] as 'tensorflow' | 'wasm');
const steps = new Map<string, () => Promise<unknown>>();
for await (const name of readline.createInterface({input: process.stdin})) {
	const step = steps.get(name) ?? trainer(networks[name as keyof typeof networks]);
	steps.set(name, step);
	const cpu = process.cpuUsage();
	const start = performance.now();
	await step();
	const wall = performance.now() - start;
	const {user, system} = process.cpuUsage(cpu);
	console.log(JSON.stringify({wall, cpu: (user + system) / 1000}));
}
