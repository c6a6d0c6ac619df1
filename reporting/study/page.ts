import type {Sensitivity} from '../../artifacts/sensitivity.ts';
import type {AblatedRun} from '../analyses/ablations.ts';
import {ablationSections} from '../analyses/ablations-page.ts';
import {embeddingSections} from '../analyses/embedding-page.ts';
import {similaritySection} from '../analyses/gradient-similarity.ts';
import {reliabilitySection} from '../analyses/reliability.ts';
import {htmlDocument, section} from '../document.ts';
import {html, type Html} from '../html.ts';
import {paperLink} from '../paper.ts';
import type {Provenance} from '../report.ts';
import {factList, provenanceSection} from '../sections/provenance.ts';
import {resultTable} from '../sections/result-table.ts';
import {defenseFigures, samplesFigures, smoothingFigures} from '../sensitivity/figures.ts';
import {paperSection, resultSection} from '../sensitivity/page.ts';
import {reconstructionRows, type PicturedPoint} from '../sensitivity/pictures.ts';
import {agreementTable} from './agreement.ts';
import type {StudyGroup} from './groups.ts';
import type {StudyAnalyses} from './tables.ts';

/** A group with its numbers. */
export type MeasuredGroup = Pick<StudyGroup, 'title' | 'question'> & {readonly sensitivity: Sensitivity};

/** What the page of a study is made from. */
export type Study = {
	readonly groups: readonly MeasuredGroup[];
	/** Attacks whose stages looked at different target models; none when there are no such variants. */
	readonly ablated: readonly AblatedRun[];
	readonly pictured: readonly PicturedPoint[];
	readonly analyses: StudyAnalyses;
	readonly numVariants: number;
	readonly provenance: Provenance;
};

/**
 * A study as one HTML page that needs no network: every table of the paper that applies, with the paper's numbers beside ours, whether directions agree,
 * analyses of the target models, and pictures. Equal studies give equal bytes.
 */
export async function studyPage({groups, ablated, pictured, analyses, numVariants, provenance}: Study): Promise<string> {
	return htmlDocument({
		title: 'The study in small',
		question: 'Which findings about label smoothing, defences and the stages of the attack hold for small models and drawn faces?',
	}, {
		header: factList([['variants', numVariants], ['groups', groups.length + (ablated.length > 0 ? 1 : 0)], ['target models analysed', analyses.distances.length], ['seed', provenance.seed], ['backend', provenance.backend]]),
		main: html`
			<p class="note">A replication at small scale of <a href="${paperLink}" rel="noreferrer">the paper</a>, from one seed: networks, images and feature spaces differ, so directions can be compared and sizes cannot. Params, seed and artifacts stand at the end.</p>
			${groups.map(group => groupSections(group))}
			${ablated.length > 0 && ablationSections(ablated)}
			${embeddingSections(analyses.distances, analyses.projections)}
			${similaritySection(analyses.similarities)}
			${reliabilitySection(analyses.reliabilities)}
			${section('Reconstructions', await reconstructionRows(pictured))}
			${section('Where the numbers come from', provenanceSection(provenance))}
		`,
	});
}

function groupSections({title, question, sensitivity}: MeasuredGroup): Html {
	const {paths} = sensitivity;
	const agreement = agreementTable(sensitivity);
	return html`
		${section(title, html`
			<p>${question}</p>
			${resultSection(sensitivity)}
			${[smoothingFigures, samplesFigures, defenseFigures].map(figures => figures(sensitivity, 'relative'))}
		`)}
		${section(`${title} beside the paper`, html`
			${paperSection(paths)}
			${agreement && resultTable(agreement, {baselineOf: () => -1})}
		`)}
	`;
}
