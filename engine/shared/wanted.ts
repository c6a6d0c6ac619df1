import type {AnyArtifactType} from '../artifact.ts';
import type {Fingerprint} from '../digest.ts';
import type {Ingredients} from '../fingerprint.ts';
import type {Node} from '../graph.ts';
import type {Wanted} from './record.ts';

/** The result of a node whose fingerprint is known, as it is asked for. */
export function wantedOf({name, stage}: Node, fingerprint: Fingerprint, ingredients: Ingredients): Wanted {
	const outputs = Object.entries(stage.outputs as Readonly<Record<string, AnyArtifactType>>);
	return {fingerprint, nodeName: name, ingredients, kinds: Object.fromEntries(outputs.map(([output, {kind}]) => [output, kind]))};
}
