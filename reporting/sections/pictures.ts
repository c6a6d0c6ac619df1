import type {ImageSet} from '../../artifacts/image-set.ts';
import {formatCell, signedText} from '../cell.ts';
import {html, type Html} from '../html.ts';
import type {PictureLimits, ReportedVariant} from '../report.ts';
import {drawSprite, type Sprite, type SpriteLayout} from '../sprite.ts';
import {swatch, type VariantLook} from '../variant-look.ts';

/** Widest sheet that fits on the page; wider ones scroll inside their own frame, which also catches the header. */
const pageWidth = 1112;

/**
 * One row per identity: true training images, then the best reconstructions from every variant, each above the closest of the private images that the variant is compared with.
 * Identities are the first ones in their order, never picked by result.
 * @throws {RangeError} when the image sets do not fit together.
 */
export async function pictureSheet(
	variants: readonly ReportedVariant[],
	{trainingImages, looks, trainingPerClass = 5, reconstructionsPerClass = 3, classes = 40}: PictureLimits & {readonly trainingImages: ImageSet; readonly looks: ReadonlyMap<string, VariantLook>},
): Promise<Html> {
	for (const variant of variants) {
		checkVariant(variant, trainingImages.identities.length);
	}

	const numClasses = trainingImages.identities.length;
	const trainingOf = indicesByClass(trainingImages, trainingPerClass);
	const shown = variants.map(variant => ({variant, indices: indicesByClass(variant.reconstructions, reconstructionsPerClass)}));
	const rows: Html[] = [];
	let widest = 0;
	for (let classIndex = 0; classIndex < Math.min(numClasses, classes); classIndex++) {
		const identity = trainingImages.identities[classIndex]!;
		const training = await picture(
			[trainingOf[classIndex]!.map(index => ({set: trainingImages, index}))],
			count => `${plural(count, 'private training image')} of ${identity}`,
		);
		const attacks = await Promise.all(shown.map(async ({variant, indices}) => picture(
			attackLayout(variant, indices[classIndex]!),
			count => `${plural(count, 'reconstruction')} of ${identity} from ${variant.name}, best first${variant.nearest ? '; below each the closest training image' : ''}`,
		)));
		widest = Math.max(widest, [training, ...attacks].reduce((sum, {width}) => sum + width + cellPadding, nameWidth));
		rows.push(html`
			<tr><th scope="row"><bdi>${identity}</bdi></th>${[training, ...attacks].map(({image}) => html`<td>${image}</td>`)}</tr>
		`);
	}

	return html`
		<div class="sheet${widest > pageWidth && ' scroll tall'}" tabindex="0" role="region" aria-label="Training images and reconstructions"><table>
		<caption><span>${rows.length === numClasses ? `All ${numClasses} identities` : `The first ${rows.length} of ${numClasses} identities`}; the best reconstructions first${shown.some(({variant}) => variant.nearest) && ', each above the training image closest to it in feature space'}</span></caption>
		<thead><tr><th scope="col" class="text">identity</th><th scope="col" class="text">private training images</th>${variants.map(variant => html`<th scope="col" class="text">${variantHeading(variant, looks)}</th>`)}</tr></thead>
		<tbody>${rows}
		</tbody></table></div>
	`;
}

/** Room around the pictures of a cell and for the name of an identity, in CSS pixels, as the style sheet has it. */
const cellPadding = 12;
const nameWidth = 102;

function variantHeading({name, alpha, metrics}: ReportedVariant, looks: ReadonlyMap<string, VariantLook>): Html {
	const look = looks.get(name);
	return html`${look && swatch(look)}<bdi>${name}</bdi><br><small>α = ${signedText(alpha)}, Acc@1 ${formatCell(metrics.attackAccuracyTop1, {format: 'percent'})} %</small>`;
}

function attackLayout({reconstructions, nearest, compared}: ReportedVariant, indices: readonly number[]): SpriteLayout {
	const best = indices.map(index => ({set: reconstructions, index}));
	return nearest ? [best, indices.map(index => ({set: compared, index: nearest[index] ?? -1}))] : [best];
}

async function picture(layout: SpriteLayout, describe: (count: number) => string): Promise<{image: Html; width: number}> {
	const count = layout[0]?.length ?? 0;
	if (count === 0) {
		return {image: html`<span class="quiet">none</span>`, width: 0};
	}

	const sprite = await drawSprite(layout);
	return {image: spriteImage(sprite, describe(count)), width: sprite.width};
}

function spriteImage({source, width, height, isEnlarged}: Sprite, description: string): Html {
	return html`<img${isEnlarged && html` class="pixels"`} src="${source}" width="${width}" height="${height}" alt="${description}">`;
}

function plural(count: number, noun: string): string {
	return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The first indices of each class, in the order of the set. */
function indicesByClass({labels, identities}: ImageSet, limit: number): number[][] {
	const indices: number[][] = identities.map(() => []);
	for (const [index, label] of labels.entries()) {
		const own = indices[label];
		if (!own) {
			throw new RangeError(`Expected labels from 0 to ${identities.length - 1}, got ${label} for image ${index}`);
		}

		if (own.length < limit) {
			own.push(index);
		}
	}

	return indices;
}

function checkVariant({name, reconstructions, nearest, compared}: ReportedVariant, numClasses: number): void {
	if (reconstructions.identities.length !== numClasses) {
		throw new RangeError(`Variant "${name}": expected reconstructions of ${numClasses} identities, as in the training images, got ${reconstructions.identities.length}`);
	}

	const outside = nearest && Array.from(nearest).find(index => !(index < compared.labels.length));
	if (outside !== undefined) {
		throw new RangeError(`Variant "${name}": expected the closest training images among its ${compared.labels.length}, got index ${outside}`);
	}

	if (nearest && nearest.length !== reconstructions.labels.length) {
		throw new RangeError(`Variant "${name}": expected ${reconstructions.labels.length} indices of closest training images, one per reconstruction, got ${nearest.length}`);
	}
}
