/** One large artifact and a node that reads it: what `bench/large-artifact.ts` runs. */
import {definePipeline} from '../../engine/pipeline.ts';
import {measured, written} from './stages.ts';

export default definePipeline({
	params: {written: written.params},
	// There is one variant, and nothing in it to compare.
	variant: () => ({}),
	compare({add, params}) {
		const {large} = add(written, {}, params.written);
		return {goals: {size: add(measured, {large}, {}).sizeBytes}};
	},
});
