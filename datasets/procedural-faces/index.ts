import type {ImageSet} from '../../artifacts/image-set.ts';
import type {OnStep} from '../../engine/stage.ts';
import {randomStream, type RandomStream} from '../../tensors/random.ts';
import {drawIdentity, type IdentityAttributes} from './identity-attributes.ts';
import {drawNuisance} from './nuisance.ts';
import {renderFace} from './render-face.ts';

export type ProceduralFacesParams = {
	readonly identities: number;
	readonly imagesPerIdentity: number;
	/** Height and width of an image in pixels. */
	readonly size: number;
};

/**
 * Draws `identities` people who do not exist, `imagesPerIdentity` images each, RGB, all images of a person together.
 * Every person and every image has a random stream of its own: asking for more keeps those there were. Sets with
 * different seeds have different people.
 */
export async function proceduralFaces({identities, imagesPerIdentity, size}: ProceduralFacesParams, seed: string, onStep: OnStep): Promise<ImageSet> {
	const count = identities * imagesPerIdentity;
	const imageLength = size * size * 3;
	const images = new Uint8Array(count * imageLength);
	const people = randomStream(seed);
	for (let person = 0, image = 0; person < identities; person++) {
		const stream = people.split(`identity ${person}`);
		const identity = drawIdentity(stream.split('attributes'));
		for (let shot = 0; shot < imagesPerIdentity; shot++, image++) {
			images.set(drawImage(identity, stream.split(`image ${shot}`), size), image * imageLength);
			await onStep(image + 1, count, 'image');
		}
	}

	return {
		images,
		shape: [count, size, size, 3],
		labels: Int32Array.from({length: count}, (_, image) => Math.floor(image / imagesPerIdentity)),
		identities: Array.from({length: identities}, (_, person) => `face-${String(person + 1).padStart(4, '0')}`),
	};
}

function drawImage(identity: IdentityAttributes, stream: RandomStream, size: number): Uint8Array {
	return renderFace(identity, drawNuisance(stream.split('nuisance')), {size, noiseStream: stream.split('noise')});
}
