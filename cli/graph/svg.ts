import {UserError} from '../../engine/error.ts';
import {toDot} from './dot.ts';
import type {Drawing} from './drawing.ts';

/** The time of the layout grows with the square of the number of boxes: this many take about fifteen seconds. */
const maxBoxes = 3000;

/** The layout knows the widths of one font; these have the same widths or nearly. */
const fonts = 'Helvetica, Arial, \'Liberation Sans\', \'Nimbus Sans\', sans-serif';

/**
 * A drawing as an SVG image with a white background.
 * @throws {UserError} `graph-too-large`
 */
export async function toSvg(drawing: Drawing): Promise<string> {
	if (drawing.boxes.length > maxBoxes) {
		throw new UserError('graph-too-large', `A picture of ${drawing.boxes.length} boxes would take very long`, {
			facts: {'at most': maxBoxes},
			hint: 'Name a goal to draw what it needs, leave out --all, or take --format dot and a layout program of your choice.',
		});
	}

	const {instance} = await import('@viz-js/viz');
	const svg = (await instance()).renderString(toDot(drawing), {format: 'svg'});
	return svg.replaceAll('font-family="Helvetica,sans-Serif"', `font-family="${fonts}"`);
}
