import type {FileChange} from '../engine/code-map.ts';

/** How many names fit on a line; `pipeline why` shows all. */
const namesShown = 2;

/** `code changed: poincareLoss in losses/poincare.ts and 2 more`. */
export function formatCodeChanges(changes: readonly FileChange[] | undefined): string {
	if (changes === undefined) {
		return 'code changed';
	}

	const [changed, others] = [changes.flatMap(({file, changed}) => changed.map(name => ({name, file}))), changes.flatMap(({file, added, removed}) => [...added, ...removed].map(name => ({name, file})))];
	// An import follows from the function that uses it.
	const all = [...changed, ...others].toSorted((a, b) => Number(isImport(a.name)) - Number(isImport(b.name)));
	const shown = all.slice(0, namesShown);
	const files = [...new Set(shown.map(({file}) => file))].map(file => `${shown.filter(other => other.file === file).map(({name}) => name).join(', ')} in ${file}`);
	return all.length === 0 ? 'code changed: the order of its parts' : `code changed: ${files.join(', ')}${all.length > namesShown ? ` and ${all.length - namesShown} more` : ''}`;
}

/** A line per file: `attacks/optimization.ts: gradientOf changed, requireFinite added`. */
export function codeChangeLines(changes: readonly FileChange[] | undefined): readonly string[] {
	if (changes === undefined) {
		return ['changed (which functions is not recorded)'];
	}

	const lines = changes.map(({file, changed, added, removed}) => {
		const events = Object.entries({changed, added, removed}).filter(([, names]) => names.length > 0);
		return `${file}: ${events.map(([event, names]) => `${names.join(', ')} ${event}`).join('; ')}`;
	});
	return lines.length === 0 ? ['changed, but only in the order of its parts'] : lines;
}

function isImport(name: string): boolean {
	return name.startsWith('import ');
}
