import type {Sensitivity} from '../../artifacts/sensitivity.ts';
import type {AdvantageKind} from '../../metrics/advantage.ts';
import {htmlDocument, optionalSection, section} from '../document.ts';
import {html, type Html} from '../html.ts';
import {paperLink} from '../paper.ts';
import type {Provenance} from '../report.ts';
import {factList, provenanceSection} from '../sections/provenance.ts';
import {resultTable} from '../sections/result-table.ts';
import {comparedPath, isBaseline, otherValues} from './analysis.ts';
import {
	defenseFigures, metricFigures, samplesFigures, smoothingFigures,
} from './figures.ts';
import {paperBaseline, paperRows, paperSweepTable} from './paper.ts';
import {reconstructionRows, type PicturedPoint} from './pictures.ts';
import {deviationTable, hasAdvantage, sensitivityTable} from './tables.ts';
import {axisName, baselineWords} from './words.ts';

/** What the page of a sweep is made from. */
export type SensitivityReport = {
	readonly sensitivity: Sensitivity;
	/** Which advantage the figures show; `relative` when absent. */
	readonly advantage?: AdvantageKind | undefined;
	/** One per combination of values, in the order of the sweep. */
	readonly pictured: readonly PicturedPoint[];
	readonly provenance: Provenance;
};

/**
 * A sweep as one HTML page that needs no network: table, advantage over no smoothing or no defence, every metric against every swept param, the paper's numbers,
 * pictures and provenance. Equal reports give equal bytes.
 * @throws {RangeError} when a number is not finite
 */
export async function sensitivityPage({sensitivity, advantage = 'relative', pictured, provenance}: SensitivityReport): Promise<string> {
	const {paths, cells, failed} = sensitivity;
	const title = `Sensitivity to ${paths.map(path => axisName(path)).join(' and ')}`;
	const seeds = new Set(cells.flatMap(cell => cell.seeds));
	return htmlDocument({title, question: `How does what the attack extracts change with ${paths.map(path => axisName(path)).join(' and ')}?`}, {
		header: html`${factList([
			['combinations of values', cells.length],
			['seeds', [...seeds].join(', ')],
			['failed points', failed.length],
			['backend', provenance.backend],
		])}`,
		main: html`
			${section('Results', resultSection(sensitivity))}
			${optionalSection('Advantage over no smoothing against the smoothing factor', advantageSection(smoothingFigures(sensitivity, advantage), html`In the form of Fig. 2 (b) of ${paper}: ${changes[advantage]} against α = 0`))}
			${optionalSection('Advantage over no smoothing against samples per class', advantageSection(samplesFigures(sensitivity, advantage), html`In the form of Fig. 2 (a) of ${paper}: ${changes[advantage]} against α = 0`))}
			${optionalSection('Advantage over no defence', advantageSection(defenseFigures(sensitivity, advantage), html`The numbers of Table 3 of ${paper} as ${changes[advantage]} against no defence`))}
			${paths.map(path => section(`Metrics against ${axisName(path)}`, metricFigures(sensitivity, path)))}
			${optionalSection('Beside the paper', paperSection(paths))}
			${section('Reconstructions', await reconstructionRows(pictured))}
			${section('Where the numbers come from', provenanceSection(provenance))}
		`,
	});
}

const paper = html`<a href="${paperLink}" rel="noreferrer">the paper</a>`;

/** The table of a sweep, with a sign and a colour for where the attack moved. */
export function resultSection(sensitivity: Sensitivity): Html {
	const {paths, cells} = sensitivity;
	const baselineOf = (row: number) => {
		const cell = cells[row];
		return cell && comparedPath(paths) !== undefined
			? cells.findIndex(other => isBaseline(paths, other) && otherValues(paths, other.values) === otherValues(paths, cell.values))
			: -1;
	};

	return resultTable(sensitivityTable(sensitivity), {
		baselineOf,
		baselineName: hasAdvantage(sensitivity) ? `${baselineWords(paths).name}${paths.length > 1 ? ' with the same other values' : ''}` : undefined,
		shown: deviationTable(sensitivity),
	});
}

const changes = {relative: 'relative change', absolute: 'difference'} as const satisfies Record<AdvantageKind, string>;

function advantageSection(figures: Html | undefined, what: Html): Html | undefined {
	return figures && html`
		<p class="note">${what}, above 0 where the attacker gains, for distances too. Bars are standard deviations over seeds, where there are several. Ours is a replication at small scale: compare directions, not sizes.</p>
		${figures}
	`;
}

/** The paper's numbers for the same params; nothing when it has none. */
export function paperSection(paths: readonly string[]): Html | undefined {
	const table = paperSweepTable(paths);
	const rows = paperRows(paths);
	return table && resultTable(table, {
		baselineOf(index) {
			const baseline = paperBaseline(rows[index]!, rows);
			return baseline === undefined ? -1 : rows.indexOf(baseline);
		},
		baselineName: baselineWords(paths).name,
	});
}
