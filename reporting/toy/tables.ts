import type {Cell, Column, Table} from '../../artifacts/table.ts';
import type {ToyRecord, ToyResult} from '../../artifacts/toy.ts';
import {signedText} from '../cell.ts';
import {departures, type ToySettings} from './paper.ts';

/** A dash for what the paper does not say. */
const nothing = '–';

/** Digits after the point; another precision of arithmetic may change the next one of a place. */
const lossDigits = 4;
const placeDigits = 3;

/** One row per smoothing factor, the paper's numbers beside ours, for people. */
export function toyTable({results}: ToyRecord, settings: ToySettings): Table {
	const changed = departures(settings);
	return {
		title: 'Inversion of the toy networks (Fig. 1)',
		columns: [
			{name: 'α', format: 'number'},
			...['training loss', 'steps', 'paper’s steps', 'distance', 'paper’s distance', 'end point'].map((name): Column => ({name, format: 'number'})),
			{name: 'as in the paper', format: 'text'},
		],
		rows: results.map(result => {
			const {alpha, trainingLoss, steps, distance, paper, agrees} = result;
			return [
				alpha,
				rounded(trainingLoss, lossDigits),
				steps ?? 'not reached',
				paper?.steps ?? nothing,
				rounded(distance, placeDigits),
				paper?.distance?.toFixed(2) ?? nothing,
				`(${endOf(result).map(coordinate => rounded(coordinate, placeDigits)).join(', ')})`,
				agrees === null ? nothing : (agrees ? 'yes' : 'no'),
			];
		}),
		notes: [
			'Steps until the confidence in the target class is high enough, and distance from the end point to the nearest training point of that class.',
			...(changed.length > 0 ? [`Nothing is compared with the paper, whose params differ: ${changed.join(', ')}.`] : []),
			...results.filter(({steps}) => steps === null).map(({alpha, path, confidence}) =>
				`α = ${signedText(alpha)}: not confident enough after ${path.length - 1} steps (${rounded(confidence, placeDigits)}); end point and distance are those of the last one.`),
		],
	};
}

/** Everything in full precision, for spreadsheets; empty where there is nothing. */
export function toyCsvTable({results}: ToyRecord): Table {
	const names = ['alpha', 'training loss', 'steps', 'confidence', 'distance', 'end x', 'end y', 'nearest x', 'nearest y', 'paper steps', 'paper distance'];
	return {
		title: 'Toy example',
		columns: [...names.map((name): Column => ({name, format: 'number'})), {name: 'as in the paper', format: 'text'}],
		rows: results.map((result): Cell[] => {
			const {alpha, trainingLoss, steps, confidence, distance, nearest, paper, agrees} = result;
			return [
				alpha,
				trainingLoss,
				steps ?? '',
				confidence,
				distance,
				...endOf(result),
				...nearest,
				paper?.steps ?? '',
				paper?.distance ?? '',
				agrees === null ? '' : (agrees ? 'yes' : 'no'),
			];
		}),
		notes: [],
	};
}

function endOf({path}: Pick<ToyResult, 'path'>) {
	return path.at(-1)!;
}

function rounded(value: number, digits: number): string {
	return value.toFixed(digits).replace(/^-(?=[0.]+$)/u, '').replace('-', '−');
}
