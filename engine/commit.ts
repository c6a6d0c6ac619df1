import {execFile} from 'node:child_process';
import {promisify} from 'node:util';

const run = promisify(execFile);

/** The commit a folder's code is at, with `+` when files differ from it; `null` outside a repository. */
export async function commitOf(root: string): Promise<string | null> {
	try {
		const git = async (...args: string[]) => (await run('git', args, {cwd: root, encoding: 'utf8'})).stdout.trim();
		const [commit, changes] = await Promise.all([git('rev-parse', 'HEAD'), git('status', '--porcelain')]);
		return commit + (changes === '' ? '' : '+');
	} catch {
		// No repository, no commit yet, or no git.
		return null;
	}
}
