import type {DatasetParams} from '../../datasets/examination/source.ts';
import type {Duplicate, ExaminedFiles, Examination, Person} from '../../datasets/examination/index.ts';
import {counted, firstNames, type Problem} from '../../datasets/problems.ts';
import {problemOf, type Finding} from '../doctor/finding.ts';
import {publishedFindings} from './published.ts';

/** What the params ask of a data set besides its own section. */
export type Demands = {
	readonly dataset: DatasetParams;
	/** Numbers of training images per class that any variant asks for, ascending. */
	readonly perClass: readonly number[];
	/** Whether a class with fewer stops the run. */
	readonly stopsWhenShort: boolean;
};

/** What to say about a data set, a verdict for each point; one of them is a problem when a run would stop. */
export function findingsOf(examination: Examination, demands: Demands): readonly Finding[] {
	const {files, people, split, splitError} = examination;
	return [
		{check: 'data set', status: 'ok', found: examination.root === undefined ? 'drawn faces: there is no file to look at' : `${examination.kind} in "${examination.root}"`},
		...(files ? fileFindings(files, demands.dataset) : []),
		...peopleFindings(people, split !== undefined),
		...(splitError ? [problemOf('split', splitError)] : []),
		...(split ? [splitFinding(split, people), ...demands.perClass.map(perClass => subsampleFinding(perClass, people, demands))] : []),
		...digestFindings(examination),
		...publishedFindings(examination),
	];
}

function fileFindings({count, used, unused, ignored, damaged, kinds, notSquare, sides, turned, withProfile, asPhotographs, duplicates}: ExaminedFiles, dataset: DatasetParams): readonly Finding[] {
	const mayBeSkipped = dataset.kind !== 'procedural' && dataset.skipCorrupt;
	const isCut = dataset.kind === 'celeba-64';
	const unusedCount = Object.values(unused).reduce((sum, files) => sum + files, 0);
	return [
		{check: 'files', status: 'ok', found: `${counted(used, 'image')} of ${counted(count, 'file')}`},
		...when(unusedCount > 0, {
			check: 'unused files', status: 'note', found: `${counted(unusedCount, 'file')} that the layout does not use: ${firstNames(Object.entries(unused).map(([folder, files]) => `${files} in ${folder === '' ? 'the folder itself' : folder}`))}`,
		}),
		...when(ignored.length > 0, {check: 'left-out images', status: 'warning', found: `${counted(ignored.length, 'image')} that cannot be used as they are\n${listed(ignored)}`, hint: 'Convert or move them, or be aware that the split is made without them.'}),
		...when(damaged.length === 0, {check: 'images', status: 'ok', found: 'all can be decoded'}),
		...when(damaged.length > 0, {
			check: 'images',
			status: mayBeSkipped ? 'warning' : 'problem',
			found: `${counted(damaged.length, 'image')} cannot be used\n${listed(damaged)}`,
			hint: mayBeSkipped ? 'They are left out, so the split is made without them.' : 'Replace or remove them, or set "dataset.skipCorrupt" to true to leave them out.',
		}),
		{check: 'kinds', status: 'ok', found: Object.entries(kinds).map(([kind, images]) => `${images} ${kind}`).join('; ') || 'none'},
		...(sides ? [shapeFinding({notSquare, sides, isCut})] : []),
		...when(turned.length > 0, {
			check: 'orientation', status: asPhotographs ? 'ok' : 'note', found: `${counted(turned.length, 'image')} to be turned by EXIF data, which ${asPhotographs ? 'is done' : 'is not done, as in the authors\' code'}: ${firstNames(turned)}`,
		}),
		...when(withProfile > 0, {
			check: 'colour profiles', status: asPhotographs ? 'ok' : 'note', found: `${counted(withProfile, 'image')} with a profile, which is ${asPhotographs ? 'applied' : 'not applied, as in the authors\' code'}`,
		}),
		...duplicateFindings(duplicates),
	];
}

function shapeFinding({notSquare, sides: [min, max], isCut}: Pick<ExaminedFiles, 'notSquare'> & {readonly sides: readonly [number, number]; readonly isCut: boolean}): Finding {
	const sizes = `the shorter side has ${min === max ? min : `${min} to ${max}`} pixels`;
	return notSquare.length === 0 || isCut
		? {check: 'shapes', status: 'ok', found: isCut ? `all 178×218, of which the face is cut out; ${sizes}` : `all square; ${sizes}`}
		: {check: 'shapes', status: 'note', found: `${counted(notSquare.length, 'image is not square and loses its edges', 'images are not square and lose their edges')}; ${sizes}: ${firstNames(notSquare)}`};
}

function duplicateFindings(duplicates: readonly Duplicate[]): readonly Finding[] {
	const ofSeveral = duplicates.filter(({identities}) => identities.length > 1);
	const leaking = duplicates.filter(({parts}) => parts.includes('train') && parts.includes('test'));
	const show = (groups: readonly Duplicate[]) => listed(groups.map(({paths: [first = '', ...rest]}) => ({subject: first, reason: `the same file as ${rest.join(', ')}`})));
	return [
		{check: 'duplicates', status: 'ok', found: duplicates.length === 0 ? 'no file twice' : `${counted(duplicates.length, 'image')} more than once, byte by byte`},
		...when(ofSeveral.length > 0, {
			check: 'duplicates', status: 'warning', found: `${counted(ofSeveral.length, 'image')} under the names of different people\n${show(ofSeveral)}`, hint: 'One of the names is wrong: models learn from both.',
		}),
		...when(leaking.length > 0, {
			check: 'duplicates', status: 'warning', found: `${counted(leaking.length, 'image')} both for training and for tests\n${show(leaking)}`, hint: 'The test accuracy counts what was learnt by heart. Without them the split is another one.',
		}),
	];
}

function peopleFindings(people: readonly Person[], isSplit: boolean): readonly Finding[] {
	const counts = people.map(({images}) => images).toSorted((a, b) => a - b);
	const middle = counts.length / 2;
	const median = counts.length % 2 === 1 ? counts[Math.floor(middle)]! : (counts[middle - 1]! + counts[middle]!) / 2;
	const total = counts.reduce((sum, images) => sum + images, 0);
	const empty = people.filter(({images}) => images === 0);
	const unlearnt = people.filter(({images, train, isPublic}) => isSplit && images > 0 && train === 0 && !isPublic);
	const untested = people.filter(({images, train, test, isPublic}) => isSplit && images > 0 && train > 0 && test === 0 && !isPublic);
	return [
		{check: 'people', status: 'ok', found: `${counted(people.length, 'person', 'people')}, ${counted(total, 'usable image')}; per person at least ${counts[0] ?? 0}, median ${median}, at most ${counts.at(-1) ?? 0}`},
		...when(empty.length > 0, {check: 'people', status: 'problem', found: `${counted(empty.length, 'person', 'people')} without a usable image: ${firstNames(empty.map(({name}) => name))}`, hint: 'Replace the damaged images or remove the folders of these people.'}),
		...when(unlearnt.length > 0, {check: 'people', status: 'problem', found: `${counted(unlearnt.length, 'person', 'people')} without a training image: ${firstNames(unlearnt.map(({name}) => name))}`, hint: 'Training stops at a class without images: add images of them, or remove them.'}),
		...when(untested.length > 0, {check: 'people', status: 'note', found: `${counted(untested.length, 'person', 'people')} without a test image: ${firstNames(untested.map(({name}) => name))}`}),
	];
}

function splitFinding({train, test, public: shown}: NonNullable<Examination['split']>, people: readonly Person[]): Finding {
	const publicPeople = people.filter(({isPublic}) => isPublic).length;
	return {
		check: 'split',
		status: 'ok',
		found: `${train} training and ${counted(test, 'test image')} of ${counted(people.length - publicPeople, 'private person', 'private people')}${shown > 0 ? `, ${shown} public images of others` : ', no public ones among them'}`,
	};
}

function subsampleFinding(perClass: number, people: readonly Person[], {stopsWhenShort}: Demands): Finding {
	const short = people.filter(({train, isPublic}) => !isPublic && train < perClass);
	const check = `${perClass} per class`;
	if (short.length === 0) {
		return {check, status: 'ok', found: 'everybody has as many training images'};
	}

	if (!stopsWhenShort && short.length === people.filter(({isPublic}) => !isPublic).length) {
		return {check, status: 'ok', found: 'nobody has as many training images: all that there are are used'};
	}

	const least = Math.min(...short.map(({train}) => train));
	return {
		check,
		status: stopsWhenShort ? 'problem' : 'note',
		found: `${counted(short.length, 'person has', 'people have')} fewer training images, down to ${least}: ${firstNames(short.map(({name, train}) => `${name} (${train})`))}`,
		hint: stopsWhenShort ? `Set "subsample.perClass" to at most ${least}, or "subsample.onShort" to "accept" to train with what there is.` : 'They are trained on what there is.',
	};
}

function digestFindings({splitDigest, contentDigest}: Examination): readonly Finding[] {
	return [
		...(splitDigest === undefined ? [] : [{check: 'split digest', status: 'ok', found: `${splitDigest} of names, people, order and split`, hint: 'pipeline data check --list prints what is digested: compare it where digests differ.'} as const]),
		...(contentDigest === undefined ? [] : [{check: 'content digest', status: 'ok', found: `${contentDigest} of these and the bytes of the images`} as const]),
	];
}

function when(isSo: boolean, finding: Finding): readonly Finding[] {
	return isSo ? [finding] : [];
}

/** A line for each of the first problems. */
function listed(problems: readonly Problem[]): string {
	const lines = problems.slice(0, shown).map(({subject, reason}) => `${subject}: ${reason}`);
	return [...lines, ...(problems.length > shown ? [`and ${problems.length - shown} more (--json lists all)`] : [])].join('\n');
}

const shown = 10;
