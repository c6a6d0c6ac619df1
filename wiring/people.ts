import type {imageSet} from '../artifacts/image-set.ts';
import type {datasetParams} from '../datasets/params.ts';
import {UserError} from '../engine/error.ts';
import type {AddOptions, Ref, Wiring} from '../engine/pipeline.ts';
import type {comparedImagesParam} from '../metrics/params.ts';
import {proceduralFaces} from '../stages/10-procedural-faces.ts';
import {celebA64} from '../stages/11-celeba-64.ts';
import {celebA} from '../stages/11-celeba.ts';
import {faceScrub} from '../stages/11-facescrub.ts';
import {imageFolder} from '../stages/11-image-folder.ts';
import {identitySplit} from '../stages/12-identity-split.ts';
import {imageSplit} from '../stages/14-image-split.ts';
import {subsample} from '../stages/16-subsample.ts';

type PopulationParams = {
	readonly dataset: typeof datasetParams.static;
	readonly subsample: typeof subsample.params.static;
	readonly metrics?: typeof comparedImagesParam.static;
};
type Population = Readonly<Record<'train' | 'test', Ref<typeof imageSet>>> & Readonly<Record<'prior' | 'embedding', () => Ref<typeof imageSet>>>;

/**
 * Everybody at a size: the private people as training pool, what the target model is trained on of it, what reconstructions are compared with, and test images, chosen alike at every size; the public people where
 * somebody asks for them.
 */
export function people({add, folder, params: {dataset, subsample: chosen, metrics: {trainingImages} = {}}}: Pick<Wiring<PopulationParams>, 'add' | 'folder' | 'params'>, size: number) {
	// Another size is another node, which draws the same numbers.
	const named = (name: string) => ({name: size === dataset.size ? name : `${name}-${size}`, seedName: name});
	const {train: pool, test, prior, embedding} = population({add, folder, params: {...dataset, size}}, named);
	const train = add(subsample, {train: pool}, chosen, named('subsample')).subset;
	return {pool, train, compared: trainingImages === 'subset' ? train : pool, test, prior, embedding};
}

/** Training and test images of private people, and public ones as far as there are any: drawn, from a folder of photographs, or of a published data set. */
function population({add, folder, params}: Pick<Wiring<typeof datasetParams.static>, 'add' | 'folder' | 'params'>, named: (name: string) => AddOptions): Population {
	const nobody = {prior: () => noPublicPeople('importedGenerator'), embedding: () => noPublicPeople('embedding.weights')};
	const split = (images: Ref<typeof imageSet>, how: typeof imageSplit.params.static) => add(imageSplit, {images}, how, named('image-split'));
	switch (params.kind) {
		case 'procedural': {
			const {size} = params;
			const draw = (name: 'private' | 'prior' | 'embedding') => add(proceduralFaces, {}, {...params[name], size}, named(`${name}-faces`)).images;
			return {...split(draw('private'), params), prior: () => draw('prior'), embedding: () => draw('embedding')};
		}

		case 'folder': {
			const {images} = add(imageFolder, {files: folder(params.path)}, params, named('image-folder'));
			const people = add(identitySplit, {images}, params, named('identity-split'));
			return {...split(people.private, params), prior: () => people.public, embedding: () => people.public};
		}

		case 'facescrub': {
			return {...split(add(faceScrub, {files: folder(params.path)}, params, named('facescrub')).images, params), ...nobody};
		}

		case 'celeba': {
			return {...split(add(celebA, {files: folder(params.path)}, params, named('celeba')).images, params), ...nobody};
		}

		case 'celeba-64': {
			const {prior, ...faces} = add(celebA64, {files: folder(params.path)}, params, named('celeba-64'));
			return {...faces, ...nobody, prior: () => prior};
		}
	}
}

function noPublicPeople(param: string): never {
	throw new UserError('no-public-people', 'Nobody in this data set is public, so nothing can be trained on public people', {
		hint: `Name a file in "${param}", as the paper's attacker does, who took models that others had trained.`,
	});
}
