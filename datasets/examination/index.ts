import {createHash} from 'node:crypto';
import {isUserError, type UserError} from '../../engine/error.ts';
import type {ListedFolder} from '../listed-folder.ts';
import type {ImageEntry} from '../load-images.ts';
import type {Problem} from '../problems.ts';
import {inspectFiles, type InspectOptions} from './inspect-files.ts';
import type {InspectedImage} from './inspect-image.ts';
import {listSource, type DatasetParams, type Part, type PhotographParams, type Source} from './source.ts';
import {splitEntries, type Member, type SeedOf} from './split.ts';

/** One person of a data set. */
export type Person = {
	readonly name: string;
	/** Usable images. */
	readonly images: number;
	readonly train: number;
	readonly test: number;
	/** Whether the attacker may see this person's images. */
	readonly isPublic: boolean;
};

/** The same file under several names. */
export type Duplicate = {readonly paths: readonly string[]; readonly identities: readonly string[]; readonly parts: readonly Part[]};

/** What the files of a data set are like. */
export type ExaminedFiles = {
	/** In the folder. */
	readonly count: number;
	/** Images that the data set uses. */
	readonly used: number;
	/** Files that it does not use, by the folder they lie in. */
	readonly unused: Readonly<Record<string, number>>;
	readonly ignored: readonly Problem[];
	readonly damaged: readonly Problem[];
	/** Kind of image, such as `JPEG, colour` → how many there are, the most frequent first. */
	readonly kinds: Readonly<Record<string, number>>;
	readonly notSquare: readonly string[];
	/** Smallest and largest of the shorter sides, in pixels. */
	readonly sides: readonly [min: number, max: number] | undefined;
	/** Images whose EXIF data say that they have to be turned. */
	readonly turned: readonly string[];
	readonly withProfile: number;
	/** Whether orientations, profiles and transparency are heeded. */
	readonly asPhotographs: boolean;
	readonly duplicates: readonly Duplicate[];
};

/** A data set as a run would use it. */
export type Examination = {
	readonly kind: DatasetParams['kind'];
	/** Absent for drawn faces. */
	readonly root?: string;
	readonly files?: ExaminedFiles;
	/** In the order of the data set. */
	readonly people: readonly Person[];
	/** How many images are for what; absent when there is no split, and `splitError` says why. */
	readonly split?: Readonly<Record<Part, number>>;
	readonly splitError?: UserError;
	/** SHA-256 of `listing`; equal for the same files under the same names, people and parts, in the same order. */
	readonly splitDigest?: string;
	/** The same with the bytes of the files. */
	readonly contentDigest?: string;
	/** One line per image in the order in which models see them: part, class, person and path, parted by tabs. */
	readonly listing: readonly string[];
};

export type ExamineOptions = Omit<InspectOptions, 'root'> & {readonly seedOf: SeedOf};

/**
 * Reads every image of a data set and splits it as a run would. Nothing is written.
 * @param folder what lies in its folder
 * @throws {UserError} when the folder is not laid out as the data set
 */
export async function examinePhotographs(params: PhotographParams, folder: ListedFolder, {seedOf, ...options}: ExamineOptions): Promise<Examination> {
	const source = listSource(params, folder);
	const found = await inspectFiles(source, {root: folder.root, ...options});
	const kept = [...source.entries.keys()].filter(entry => found[entry]!.picture);
	const split = attempt(() => (source.parts
		? kept.map((entry): Member => ({part: source.parts![entry]!, entry, label: source.entries[entry]!.label, identity: source.identities[source.entries[entry]!.label]!}))
		: splitEntries({identities: source.identities, entries: kept.map(entry => source.entries[entry]!)}, params, seedOf).map(member => ({...member, entry: kept[member.entry]!}))));
	const members = split.value ?? [];
	const partOf = new Map(members.map(({entry, part}) => [entry, part]));
	return {
		kind: params.kind,
		root: folder.root,
		files: {
			...lookAt(source, found),
			count: folder.files.length,
			unused: unusedOf(folder, source),
			duplicates: duplicatesOf(source, {found, kept, partOf}),
		},
		people: peopleOf(source.identities, kept.map(entry => source.entries[entry]!), members),
		...splitOf(split, {pathOf: entry => source.entries[entry]!.path, contentOf: entry => found[entry]!.sha256}),
	};
}

/** Drawn faces, which need no file: who would be split how. */
export function examineDrawn(params: Extract<DatasetParams, {kind: 'procedural'}>, seedOf: SeedOf): Examination {
	const {identities: count, imagesPerIdentity} = params.private;
	const identities = Array.from({length: count}, (_, person) => `face-${String(person + 1).padStart(4, '0')}`);
	const entries = identities.flatMap((name, label) => Array.from({length: imagesPerIdentity}, (_, image) => ({path: `${name}/${image + 1}`, label})));
	const split = attempt(() => splitEntries({identities, entries}, params, seedOf));
	return {kind: params.kind, people: peopleOf(identities, entries, split.value ?? []), ...splitOf(split, {pathOf: entry => entries[entry]!.path})};
}

type Attempt<Value> = {readonly value?: Value; readonly error?: UserError};

function attempt<Value>(action: () => Value): Attempt<Value> {
	try {
		return {value: action()};
	} catch (error) {
		if (isUserError(error)) {
			return {error};
		}

		throw error;
	}
}

/** @param options.contentOf SHA-256 of the file of an entry; absent where there is no file */
function splitOf({value: members, error}: Attempt<readonly Member[]>, {pathOf, contentOf}: {readonly pathOf: (entry: number) => string; readonly contentOf?: (entry: number) => string}): Pick<Examination, 'split' | 'splitError' | 'splitDigest' | 'contentDigest' | 'listing'> {
	if (!members) {
		return {listing: [], ...(error && {splitError: error})};
	}

	const lines = members.map(({part, label, identity, entry}) => [part, label, identity, pathOf(entry)].join('\t').normalize('NFC'));
	const count = (wanted: Part) => members.filter(({part}) => part === wanted).length;
	return {
		split: {train: count('train'), test: count('test'), public: count('public')},
		splitDigest: digestOf(lines),
		...(contentOf && {contentDigest: digestOf(lines.map((line, place) => `${line}\t${contentOf(members[place]!.entry)}`))}),
		listing: lines,
	};
}

function digestOf(lines: readonly string[]): string {
	return createHash('sha256').update(lines.map(line => `${line}\n`).join('')).digest('hex');
}

function peopleOf(identities: readonly string[], entries: readonly ImageEntry[], members: readonly Member[]): readonly Person[] {
	const images = countBy(entries.map(({label}) => identities[label]!));
	const parts = countBy(members.map(({part, identity}) => `${part}\t${identity}`));
	return identities.map(name => ({
		name,
		images: images.get(name) ?? 0,
		train: parts.get(`train\t${name}`) ?? 0,
		test: parts.get(`test\t${name}`) ?? 0,
		isPublic: parts.has(`public\t${name}`),
	}));
}

function lookAt({entries, ignored, asPhotographs}: Source, found: readonly InspectedImage[]): Omit<ExaminedFiles, 'count' | 'duplicates' | 'unused'> {
	const pictures = entries.flatMap(({path}, entry) => {
		const {picture} = found[entry]!;
		return picture ? [{path, ...picture}] : [];
	});
	const sides = pictures.map(({width, height}) => Math.min(width, height)).toSorted((a, b) => a - b);
	return {
		used: entries.length,
		ignored,
		damaged: entries.flatMap(({path}, entry) => (found[entry]!.reason === undefined ? [] : [{subject: path, reason: found[entry]!.reason}])),
		kinds: Object.fromEntries([...countBy(pictures.map(({kind}) => kind))].toSorted(([, a], [, b]) => b - a)),
		notSquare: pictures.filter(({width, height}) => width !== height).map(({path}) => path),
		sides: sides.length === 0 ? undefined : [sides[0]!, sides.at(-1)!],
		turned: pictures.filter(({isTurned}) => isTurned).map(({path}) => path),
		withProfile: pictures.filter(({hasProfile}) => hasProfile).length,
		asPhotographs,
	};
}

function unusedOf({files}: ListedFolder, {entries, lists, ignored}: Source): Readonly<Record<string, number>> {
	const used = new Set([...entries.map(({path}) => path), ...lists, ...ignored.map(({subject}) => subject)]);
	// Two folders deep: `actors/images` tells more than `actors`, and its many people nothing.
	return Object.fromEntries(countBy(files.filter(({path}) => !used.has(path)).map(({path}) => path.split('/').slice(0, -1).slice(0, 2).join('/'))));
}

function duplicatesOf({entries, identities}: Source, {found, kept, partOf}: {readonly found: readonly InspectedImage[]; readonly kept: readonly number[]; readonly partOf: ReadonlyMap<number, Part>}): readonly Duplicate[] {
	const groups = new Map<string, number[]>();
	for (const entry of kept) {
		const {sha256} = found[entry]!;
		groups.set(sha256, [...groups.get(sha256) ?? [], entry]);
	}

	return [...groups.values()].filter(group => group.length > 1).map(group => ({
		paths: group.map(entry => entries[entry]!.path),
		identities: [...new Set(group.map(entry => identities[entries[entry]!.label]!))],
		parts: [...new Set(group.flatMap(entry => partOf.get(entry) ?? []))],
	}));
}

function countBy(names: readonly string[]): ReadonlyMap<string, number> {
	const counts = new Map<string, number>();
	for (const name of names) {
		counts.set(name, (counts.get(name) ?? 0) + 1);
	}

	return counts;
}
