import {UserError} from '../engine/error.ts';
import type {ListedFolder} from './listed-folder.ts';
import {listIdentities} from './image-folder/listing.ts';
import type {ImageList} from './load-images.ts';
import type {Problem} from './problems.ts';

/** Folders of the data set, in the order of the classes. */
const parts = ['actors', 'actresses'] as const;

/**
 * FaceScrub as the authors' code lists it (Plug-and-Play attacks, `datasets/facescrub.py`): `actors/faces/<identity>/<image>`, then `actresses/faces/…`; identities and
 * the images of each by name. What lies beside `faces`, such as `images` with whole photographs, is not looked at.
 * @throws {UserError} when a part is missing or not laid out so
 */
export function listFaceScrub({root, files}: ListedFolder): ImageList & {readonly ignored: readonly Problem[]} {
	const listed = parts.map(part => {
		const folder = `${part}/faces/`;
		const inside = files.filter(({path}) => path.startsWith(folder));
		if (inside.length === 0) {
			throw new UserError('invalid-facescrub', `"${root}" is not laid out as FaceScrub: there is nothing in ${folder}`, {
				hint: 'Name the folder that holds actors/faces/<identity>/<image> and actresses/faces/<identity>/<image>, the crops that the script of the data set makes.',
			});
		}

		return {folder, ...listIdentities({root: `${root}/${folder}`, files: inside.map(file => ({...file, path: file.path.slice(folder.length)}))})};
	});
	const people = listed.flatMap(({folder, identities}) => identities.map(({name, paths}) => ({name, paths: paths.map(image => `${folder}${image}`)})));
	return {
		identities: people.map(({name}) => name),
		entries: people.flatMap(({paths}, label) => paths.map(image => ({path: image, label}))),
		ignored: listed.flatMap(({folder, ignored}) => ignored.map(({subject, reason}) => ({subject: `${folder}${subject}`, reason}))),
	};
}
