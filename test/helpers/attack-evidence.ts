import type {Classifier} from '../../artifacts/classifier.ts';
import type {ImageSet} from '../../artifacts/image-set.ts';
import type {AttackEvidence} from '../../metrics/measure-attack.ts';
import {predictImages} from '../../metrics/predict-images.ts';
import type {Answer} from '../../metrics/prediction-rows.ts';
import {buildJudge} from '../../models/judge.ts';

/** Whom to ask, and of what. */
export type Subjects = Readonly<Record<'images' | 'candidates' | 'initialImages' | 'train' | 'test', ImageSet>> & Readonly<Record<'target' | 'evaluation' | 'embedding' | 'surrogate', Classifier>>;

/** What models say of images that are all of one size; the evaluation model compares distributions. */
export async function attackEvidence({images, candidates, initialImages, train: references, test, target, evaluation, embedding, surrogate}: Subjects): Promise<AttackEvidence> {
	const ask = async (model: Classifier, set: ImageSet, ...keep: readonly Answer[]) => {
		using network = buildJudge(model);
		const said = await predictImages(network, set, {keep, batchSize: 7, onStep: async () => undefined});
		return said;
	};

	const [selected, train] = [await ask(evaluation, images, 'logits', 'features'), await ask(evaluation, references, 'features')];
	return {
		targetTest: await ask(target, test, 'logits'),
		targetTrain: await ask(target, references, 'logits'),
		surrogateTest: await ask(surrogate, test, 'logits'),
		surrogateTrain: await ask(surrogate, references, 'logits'),
		selected,
		optimized: await ask(evaluation, candidates, 'logits'),
		initial: await ask(evaluation, initialImages, 'logits'),
		train,
		selectedFaces: await ask(embedding, images, 'features'),
		trainFaces: await ask(embedding, references, 'features'),
		fidSelected: selected,
		fidTrain: train,
		fidelitySelected: selected,
		fidelityTrain: train,
	};
}
