import test from 'ava';
import {listFaceScrub} from '../../datasets/facescrub.ts';
import type {FileSet} from '../../engine/stage.ts';

const filesOf = (...paths: string[]): FileSet => ({root: '/data/facescrub', files: paths.map(path => ({path, sizeBytes: 1, digest: 'd'}))});

test('actors come before actresses, people and their images by name in byte order', t => {
	const {identities, entries, ignored} = listFaceScrub(filesOf(
		'actresses/faces/Adrianne_León/b.jpg',
		'actresses/faces/Adrianne_León/a.png',
		'actors/faces/Zac_Efron/1.jpeg',
		'actors/faces/Aaron_Eckhart/2.jpeg',
		'actors/faces/Aaron_Eckhart/10.jpeg',
		'actresses/faces/Adrianne_Palicki/1.jpg',
		'actors/images/Aaron_Eckhart/whole.jpg',
		'readme.txt',
	));
	t.deepEqual(identities, ['Aaron_Eckhart', 'Zac_Efron', 'Adrianne_León', 'Adrianne_Palicki']);
	t.deepEqual(entries, [
		{path: 'actors/faces/Aaron_Eckhart/10.jpeg', label: 0},
		{path: 'actors/faces/Aaron_Eckhart/2.jpeg', label: 0},
		{path: 'actors/faces/Zac_Efron/1.jpeg', label: 1},
		{path: 'actresses/faces/Adrianne_León/a.png', label: 2},
		{path: 'actresses/faces/Adrianne_León/b.jpg', label: 2},
		{path: 'actresses/faces/Adrianne_Palicki/1.jpg', label: 3},
	]);
	t.deepEqual(ignored, []);
});

test('names in the decomposed form of other systems are the same people', t => {
	const decomposed = 'Adrianne_León'.normalize('NFD');
	const {identities, entries} = listFaceScrub(filesOf('actors/faces/A/1.jpg', `actresses/faces/${decomposed}/1.jpg`));
	t.deepEqual(identities, ['A', 'Adrianne_León']);
	t.is(entries[1]!.path, `actresses/faces/${decomposed}/1.jpg`, 'the file is opened by the name it has');
});

test('images that cannot be read are told with their part', t => {
	const {ignored} = listFaceScrub(filesOf('actors/faces/A/1.jpg', 'actors/faces/A/2.bmp', 'actresses/faces/B/1.jpg'));
	t.deepEqual(ignored, [{subject: 'actors/faces/A/2.bmp', reason: '.bmp images cannot be read; convert them to PNG'}]);
});

test('a folder that is laid out otherwise is refused with what is expected', t => {
	const error = t.throws(() => listFaceScrub(filesOf('actors/faces/A/1.jpg', 'A/1.jpg')), {name: 'UserError', code: 'invalid-facescrub'});
	t.is(error.message, '"/data/facescrub" is not laid out as FaceScrub: there is nothing in actresses/faces/');
});
