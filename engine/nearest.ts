import {differences, type Difference, type Ingredients} from './fingerprint.ts';
import type {Node} from './graph.ts';
import type {Result} from './store.ts';

/** An earlier result and how it differs from what is wanted now. */
export type Nearest = {readonly since: Result; readonly differences: readonly Difference[]};

/**
 * The earlier result with the fewest differences; of equals that of the node itself, then the latest. Results that were made under
 * another name, such as `prior-faces` for `private-faces`, come last: they are other things made by the same code.
 * @param results of the node's stage, the latest first
 */
export function nearestResult(results: readonly Result[], node: Node, ingredients: Ingredients): Nearest | undefined {
	const candidates = results.map(since => ({since, differences: differences(since.ingredients, ingredients), kinship: kinshipOf(since, node)}));
	// Sorting is stable: of equals the first, which is the latest.
	return candidates.toSorted((a, b) => Number(a.kinship === 'other') - Number(b.kinship === 'other')
		|| a.differences.length - b.differences.length
		|| Number(a.kinship !== 'same') - Number(b.kinship !== 'same'))[0];
}

/** Whether a result was made under the node's own name, that of another variant, or as something else. */
function kinshipOf({nodeName}: Pick<Result, 'nodeName'>, node: Node): 'same' | 'variant' | 'other' {
	if (nodeName === node.name) {
		return 'same';
	}

	return baseName(nodeName) === baseName(node.name) ? 'variant' : 'other';
}

/** A node's name without its variants and number. */
export function baseName(name: string): string {
	return name.split(/[@#]/)[0]!;
}
