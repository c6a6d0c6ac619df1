import {byDecreasingAlpha, compareVariants, findBaseline} from './comparison.ts';
import {htmlDocument, optionalSection, section} from './document.ts';
import {attackEffects} from './effects.ts';
import {html} from './html.ts';
import {paperLink, paperTable} from './paper.ts';
import type {Report} from './report.ts';
import {historyFigures, sweepFigures} from './sections/curves.ts';
import {pictureSheet} from './sections/pictures.ts';
import {factList, provenanceSection} from './sections/provenance.ts';
import {resultTable} from './sections/result-table.ts';
import {effectTable, summaryCards} from './sections/summary.ts';
import {swatch, variantLooks} from './variant-look.ts';

/**
 * A run as one HTML page that needs no network: result table, the paper's numbers, effects, pictures, curves and provenance.
 * Equal reports give equal bytes.
 * @throws {UserError} when no variant has the baseline's name.
 * @throws {RangeError} when a number is not finite, two variants share a name, or the image sets do not fit together.
 */
export async function reportPage(report: Report): Promise<string> {
	const {title, question, notes = [], provenance} = report;
	const variants = byDecreasingAlpha(report.variants);
	const baseline = findBaseline(variants, report.baseline);
	const looks = variantLooks(variants, baseline);
	const results = compareVariants(variants, {baseline: baseline.name});
	const paper = paperTable();
	const effects = attackEffects(variants, {baseline: baseline.name});
	const summary = {looks, baseline: baseline.name};
	return htmlDocument({title, question}, {
		header: factList([
			['target models', variants.length],
			['identities', baseline.trainingImages.identities.length],
			['private training images', [...new Set(variants.map(({trainingImages: {labels}}) => labels.length))].toSorted((a, b) => a - b).join(' or ')],
			['seed', provenance.seed],
			['backend', provenance.backend],
		]),
		main: html`
			<section aria-label="Summary">
			${summaryCards(effects, summary)}
			</section>
			${section('Results', html`
				${resultTable({...results, notes: [...results.notes, ...notes]}, {
					baselineOf: () => variants.indexOf(baseline),
					baselineName: baseline.name,
					rowMark: row => swatch(looks.get(variants[row]!.name)!),
				})}
				${sweepFigures(variants)}
			`)}
			${section('Beside the paper', html`
				<p>The same columns for the paper’s own models. Different scale and data: numbers are not comparable across the two tables, directions are. <a href="${paperLink}" rel="noreferrer">The paper</a></p>
				${resultTable(paper, {baselineOf: row => paper.rows.findIndex(([dataset, alpha]) => dataset === paper.rows[row]?.[0] && alpha === 0), baselineName: 'α = 0'})}
				${effectTable(effects, summary)}
			`)}
			${section('Reconstructions', await pictureSheet(variants, {...report.pictures, trainingImages: baseline.trainingImages, looks}))}
			${optionalSection('Training of the target models', historyFigures(variants, 'training', looks))}
			${optionalSection('Optimization of the latents', historyFigures(variants, 'optimization', looks))}
			${section('Where the numbers come from', provenanceSection(provenance))}
		`,
	});
}
