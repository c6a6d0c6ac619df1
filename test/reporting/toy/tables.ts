import {readFileSync} from 'node:fs';
import test from 'ava';
import {tableCsv} from '../../../reporting/table-csv.ts';
import {tableText} from '../../../reporting/table-text.ts';
import {besidePaper, departures, type ToySettings} from '../../../reporting/toy/paper.ts';
import {toyCsvTable, toyTable} from '../../../reporting/toy/tables.ts';
import {toyOutcomes, toySettings} from '../../helpers/toy-report.ts';

const recordOf = (settings: ToySettings = toySettings) => ({settings, results: besidePaper(toyOutcomes, settings)});

test('the table puts the paper\'s numbers beside ours', t => {
	t.is(tableText(toyTable(recordOf(), toySettings)), [
		'Inversion of the toy networks (Fig. 1)',
		'',
		'    α  training loss        steps  paper’s steps  distance  paper’s distance        end point  as in the paper',
		'──────────────────────────────────────────────────────────────────────────────────────────────────────────────',
		'    0         0.0021          763            763     3.230              3.23   (5.620, 5.311)  yes',
		' 0.05         0.1698         3112           3113     0.645              0.65   (8.065, 7.565)  no',
		'−0.05        −1.7280           53             53     6.748                 –   (1.333, 3.750)  yes',
		'  0.3         0.9000  not reached              –     9.000                 –  (−2.000, 0.000)  –',
		'',
		'Steps until the confidence in the target class is high enough, and distance from the end point to the nearest training point of that class.',
		'α = 0.3: not confident enough after 2 steps (0.400); end point and distance are those of the last one.',
	].join('\n'));
});

test('with other params nothing is compared, and the table says which', t => {
	const settings = {...toySettings, inversion: {...toySettings.inversion, start: [0, 0]}, training: {...toySettings.training, steps: 10}};
	const {columns, rows, notes} = toyTable(recordOf(settings), settings);
	const compared = columns.flatMap(({name}, index) => (name.includes('paper') ? [index] : []));
	t.is(compared.length, 3);
	t.true(rows.every(row => compared.every(index => row[index] === '–')));
	t.is(notes[1], 'Nothing is compared with the paper, whose params differ: training.steps, inversion.start.');
});

test('the default params are the paper\'s', t => {
	const {toy} = JSON.parse(readFileSync(new URL('../../../params.json', import.meta.url), 'utf8')) as {toy: ToySettings};
	t.deepEqual(departures(toy), []);
	t.deepEqual(departures(toySettings), []);
});

test('a distance is the paper\'s when its two digits are, give or take the float32 of the authors\' code', t => {
	const agreement = (distance: number) => besidePaper([{...toyOutcomes[0]!, distance}], toySettings)[0]!.agrees;
	t.deepEqual([3.2248, 3.224_95, 3.23, 3.235_05, 3.2352].map(distance => agreement(distance)), [false, true, true, true, false]);
});

test('spreadsheets get full precision, and nothing where there is nothing', t => {
	t.deepEqual(tableCsv(toyCsvTable(recordOf())).trim().split('\r\n'), [
		'alpha,training loss,steps,confidence,distance,end x,end y,nearest x,nearest y,paper steps,paper distance,as in the paper',
		'0,0.00205881,763,0.9501,3.23046,5.61985,5.31108,6,8.5,763,3.23,yes',
		'0.05,0.169802,3112,0.9501,0.64499,8.0654,7.5646,8,8.2,3113,0.65,no',
		'-0.05,-1.72804,53,0.9511,6.74822,1.33304,3.75007,6,8.5,53,,yes',
		'0.3,0.9,,0.4,9,-2,-0.00001,6,8.5,,,',
	]);
});
