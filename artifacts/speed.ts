import {jsonArtifact} from '../engine/artifact.ts';
import type {Speed} from '../engine/pipeline.ts';

export const speed = jsonArtifact<Speed>()('machine-speed', {
	preview: ({secondsPer}) => Object.entries(secondsPer).map(([kind, seconds]) => `${kind.padEnd(32)} ${(1 / seconds / 1e6).toPrecision(4)} million per second`).join('\n'),
});
