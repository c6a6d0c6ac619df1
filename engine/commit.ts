import {execFile} from 'node:child_process';
import {promisify} from 'node:util';

const run = promisify(execFile);

/** The commit a folder's code is at, with `+` when files differ from it; `null` outside a repository. */
export async function commitOf(root: string): Promise<string | null> {
	try {
		// Without locks: a git that is killed while it refreshes its index would leave the repository locked.
		const {stdout} = await run('git', ['--no-optional-locks', 'status', '--porcelain=v2', '--branch'], {cwd: root, encoding: 'utf8', maxBuffer: Number.POSITIVE_INFINITY});
		const lines = stdout.trimEnd().split('\n');
		const commit = /^# branch\.oid ([\da-f]+)$/m.exec(stdout)?.[1];
		return commit === undefined ? null : commit + (lines.every(line => line.startsWith('# ')) ? '' : '+');
	} catch {
		// No repository, no commit yet, or no git.
		return null;
	}
}
