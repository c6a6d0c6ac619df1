import {candidates} from './import.ts';
import {guessArchitecture, shapeText, type ArchitectureGuess} from './match.ts';
import {openTensorFile} from './open.ts';
import {savedFacts, type SavedFacts} from './saved-facts.ts';
import {findStateDict} from './state-dict.ts';

/** What a file of weights holds, before anybody says what it should be. */
export type FileDescription = {
	readonly container: string;
	readonly sizeBytes: number;
	/** Key of the dict that the weights are in; absent: they are all that the file holds. */
	readonly wrapper?: string | undefined;
	readonly weights: ReadonlyArray<{readonly name: string; readonly shape: string; readonly elementType: string}>;
	/** What it says itself, if this program wrote it. */
	readonly facts: SavedFacts;
	readonly guess: ArchitectureGuess | undefined;
};

/** @throws {UserError} when the file is missing, damaged or of another kind */
export async function describeFile(file: string): Promise<FileDescription> {
	const opened = await openTensorFile(file);
	using source = opened.source;
	const {tensors, wrapper} = findStateDict(opened);
	const facts = savedFacts(opened);
	return {
		container: opened.container,
		sizeBytes: source.sizeBytes,
		wrapper,
		weights: [...tensors].map(([name, {shape, storage: {elementType}}]) => ({name, shape: shapeText(shape), elementType})),
		facts,
		guess: guessArchitecture(tensors, candidates({numClasses: 1000, auxiliaryClasses: 1000})),
	};
}
