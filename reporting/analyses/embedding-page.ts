import type {Projection, ScaledDistances} from '../../artifacts/analyses.ts';
import {htmlDocument, section} from '../document.ts';
import {html, type Html} from '../html.ts';
import {paperLink} from '../paper.ts';
import type {Provenance} from '../report.ts';
import {factList, provenanceSection} from '../sections/provenance.ts';
import {resultTable} from '../sections/result-table.ts';
import {swatch} from '../variant-look.ts';
import type {Compared} from './compared.ts';
import {projectionFigures, violinFigure} from './embedding-figures.ts';
import {distanceTable} from './embedding-tables.ts';

type Distances = ReadonlyArray<Compared<ScaledDistances>>;

type Projections = ReadonlyArray<Compared<Projection>>;

/** The embedding analysis as one HTML page that needs no network. Equal results give equal bytes. */
export function embeddingPage(distances: Distances, projections: Projections, provenance: Provenance): string {
	return htmlDocument({title: 'Embedding analysis', question: 'How does label smoothing arrange the private training images in the feature space of the target model?'}, {
		header: factList([['target models', distances.length], ['training images', distances[0]?.value.labels.length], ['people', peopleOf(distances)], ['seed', provenance.seed], ['backend', provenance.backend]]),
		main: html`
			${embeddingSections(distances, projections)}
			${section('Where the numbers come from', provenanceSection(provenance))}
		`,
	});
}

/** Distances as figure and table, and the layouts in the plane. */
export function embeddingSections(distances: Distances, projections: Projections): Html {
	const shown = peopleOf(projections);
	return html`
		${section('Distances inside and between classes', html`
			<p>In the form of Fig. 5 of <a href="${paperLink}" rel="noreferrer">the paper</a>: the left half of each violin shows every training image’s average distance to images of its own person (intra) and of other people (inter), the right half the distance to its nearest neighbour among them; lines mark means. All distances are shares of the largest one under the same model. The paper finds that α &gt; 0 pulls classes together and apart from each other, and that under α &lt; 0 the nearest other person is about as far as the average one.</p>
			<figure class="wide">${violinFigure(distances)}</figure>
			${resultTable(distanceTable(distances), {baselineOf: () => -1, rowMark: row => swatch(distances[row]!.look)})}
		`)}
		${section('Training images in the plane', html`
			<p>In the form of Fig. 4: t-SNE of the penultimate activations, without augmentation${shown < peopleOf(distances) && html`, of the first ${shown} people`}; a colour and a shape per person. All models start from the same random layout. Distances between far groups and the axes mean nothing.</p>
			${projectionFigures(projections)}
		`)}
	`;
}

function peopleOf(variants: Distances | Projections): number {
	return new Set(variants[0]?.value.labels).size;
}
