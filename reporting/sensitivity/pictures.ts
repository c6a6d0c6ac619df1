import type {ImageSet} from '../../artifacts/image-set.ts';
import {html, type Html} from '../html.ts';
import {drawSprite} from '../sprite.ts';

/** A point with its pictures. */
export type PicturedPoint = {
	/** Its values in words. */
	readonly title: string;
	/** Selected reconstructions, best first inside a class. */
	readonly images: ImageSet;
	/** The private training images of its target model. */
	readonly train: ImageSet;
};

/** People in a row, as many as fit on the page. */
const mostPeople = 12;

/**
 * One row of pictures per point: the best reconstruction of each of the first people, never picked by result. A row of true images stands above
 * the first point, and above every point that was trained on others.
 */
export async function reconstructionRows(points: readonly PicturedPoint[]): Promise<Html> {
	const rows: Html[] = [];
	let shown: string | undefined;
	for (const {title, images, train} of points) {
		const people = train.identities.slice(0, mostPeople);
		const truth = await sprite(train, people.length, `one private training image each of ${people.join(', ')}`);
		if (truth.toString() !== shown) {
			rows.push(row('private training images', truth));
			shown = truth.toString();
		}

		rows.push(row(title, await sprite(images, people.length, `the best reconstruction each of ${people.join(', ')}, ${title}`)));
	}

	return html`
		<div class="sheet scroll" tabindex="0" role="region" aria-label="Reconstructions per point"><table>
		<caption><span>The first people in their order, the best reconstruction of each</span></caption>
		<tbody>${rows}
		</tbody></table></div>
	`;
}

function row(title: string, picture: Html): Html {
	return html`
		<tr><th scope="row"><bdi>${title}</bdi></th><td>${picture}</td></tr>
	`;
}

async function sprite(set: ImageSet, people: number, description: string): Promise<Html> {
	const {source, width, height, isEnlarged} = await drawSprite([Array.from({length: people}, (_, label) => {
		const index = set.labels.indexOf(label);
		return index === -1 ? undefined : {set, index};
	})]);
	return html`<img${isEnlarged && html` class="pixels"`} src="${source}" width="${width}" height="${height}" alt="${description}">`;
}
