/**
 * Distances to the outline of a shape centred at the origin: negative inside, 0 on the outline. Lengths are in half image widths.
 */

/** Keeps the centre of an ellipse from dividing by zero. */
const tiny = 1e-6;

/** First-order distance to an axis-aligned ellipse: exact on the outline and along the axes. */
export function ellipseDistance(x: number, y: number, radiusX: number, radiusY: number): number {
	const nearX = x / radiusX;
	const nearY = y / radiusY;
	const farX = nearX / radiusX;
	const farY = nearY / radiusY;
	const level = Math.hypot((nearX), (nearY));
	const gradient = Math.hypot((farX), (farY)) + tiny;
	return level * (level - 1) / gradient;
}

/** Largest of the distances to the four sides. */
export function boxDistance(x: number, y: number, halfWidth: number, halfHeight: number): number {
	return Math.max(Math.abs(x) - halfWidth, Math.abs(y) - halfHeight);
}

export function discDistance(x: number, y: number, radius: number): number {
	return Math.hypot((x), (y)) - radius;
}
