import {existsSync, readFileSync} from 'node:fs';
import path from 'node:path';

/** Beside `node_modules`: packages that were built on this machine. They come before those of npm, which removes what it does not know. */
const builtHere = '.native';

/** Folder of an npm package as seen from a folder; nothing when it is not installed. */
export function packageFolder(name: string, from: string): string | undefined {
	for (let folder = from; ; folder = path.dirname(folder)) {
		const found = [path.join(folder, builtHere), folder].map(place => path.join(place, 'node_modules', name)).find(place => existsSync(path.join(place, 'package.json')));
		if (found !== undefined || folder === path.dirname(folder)) {
			return found;
		}
	}
}

/** Version of an npm package as seen from a folder; nothing when it is not installed. */
export function installedVersion(name: string, from: string): string | undefined {
	const folder = packageFolder(name, from);
	return folder === undefined ? undefined : (JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {version: string}).version;
}
