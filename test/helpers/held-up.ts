import {existsSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import type {ExecutionContext} from 'ava';
import {start, until} from './cli.ts';
import type {makeRig} from './rig.ts';

type Rig = Awaited<ReturnType<typeof makeRig>>;

/** Starts a run of the toy pipeline and waits until its last stage has begun; that stage goes on when told to. */
export async function startUntilHeldUp(t: ExecutionContext, rig: Rig, args: readonly string[]) {
	// Stages may write nowhere but there.
	const folder = mkdtempSync(path.join(tmpdir(), 'held-up-'));
	const [began, go] = [path.join(folder, 'began'), path.join(folder, 'go')];
	rig.edit('total.ts', 'run: ({products}, {offset, names}) => ({', `async run({products}, {offset, names}) {
		const {existsSync, writeFileSync} = await import('node:fs');
		writeFileSync(${JSON.stringify(began)}, '');
		while (!existsSync(${JSON.stringify(go)})) { await new Promise(resolve => { setTimeout(resolve, 20); }); }
		return {`);
	rig.edit('total.ts', 'offset)])),\n\t}),', 'offset)])),\n\t};\n\t},');
	const run = start(rig.folder, args);
	t.teardown(() => {
		run.kill('SIGKILL');
		rmSync(folder, {recursive: true, force: true});
	});
	await until(() => existsSync(began), 'the last stage is busy', 60_000);
	return {
		run,
		goOn(): void {
			writeFileSync(go, '');
		},
	};
}
