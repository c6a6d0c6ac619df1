import type {Examination} from '../../datasets/examination/index.ts';
import type {Finding} from '../doctor/finding.ts';

/** What the paper's authors had. */
type Published = {
	readonly identities: number;
	readonly train: number;
	readonly test: number;
	readonly public: number;
	/** How far that is known. */
	readonly source: string;
	/** What a difference may come from. */
	readonly hint: string;
};

const unconfirmed = 'the numbers of images are believed to be theirs, no source confirms them';

/** By kind of data set (paper Sec. B.1, C.5). */
const published: Readonly<Partial<Record<Examination['kind'], Published>>> = {
	facescrub: {
		identities: 530, train: 34_090, test: 3788, public: 0, source: unconfirmed,
		hint: 'FaceScrub is distributed as addresses, and many lead nowhere by now. The split depends on every file, so results differ a little; say yours with the split digest.',
	},
	celeba: {
		identities: 1000, train: 27_034, test: 3004, public: 0, source: unconfirmed,
		hint: 'Images or people are missing, or "dataset.identities" or "dataset.officialSplit" is another one.',
	},
	'celeba-64': {
		identities: 1000, train: 27_018, test: 3009, public: 30_000, source: 'as the published lists say',
		hint: 'These are other lists, or images were left out.',
	},
};

/** The data set beside that of the paper; a difference is no problem. */
export function publishedFindings({kind, people, split}: Examination): readonly Finding[] {
	const theirs = published[kind];
	if (!theirs) {
		return [];
	}

	const privatePeople = people.filter(({isPublic}) => !isPublic).length;
	const ours = {identities: privatePeople, ...split ?? {train: 0, test: 0, public: 0}};
	const isEqual = (['identities', 'train', 'test', 'public'] as const).every(part => ours[part] === theirs[part]);
	const numbers = (counts: Pick<Published, 'identities' | 'public' | 'test' | 'train'>) =>
		`${counts.identities} people, ${counts.train + counts.test} images: ${counts.train} for training, ${counts.test} for tests${counts.public > 0 ? `, and ${counts.public} public` : ''}`;
	return [{
		check: 'the paper\'s',
		status: isEqual ? 'ok' : 'note',
		found: isEqual ? `the same numbers: ${numbers(theirs)} (${theirs.source})` : `${numbers(theirs)} (${theirs.source})\nhere: ${numbers(ours)}`,
		...(!isEqual && {hint: theirs.hint}),
	}];
}
