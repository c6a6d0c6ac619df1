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
	const level = lengthOf(nearX, nearY);
	const gradient = lengthOf(farX, farY) + tiny;
	return level * (level - 1) / gradient;
}

/** Largest of the distances to the four sides. */
export function boxDistance(x: number, y: number, halfWidth: number, halfHeight: number): number {
	return Math.max(Math.abs(x) - halfWidth, Math.abs(y) - halfHeight);
}

export function discDistance(x: number, y: number, radius: number): number {
	return lengthOf(x, y) - radius;
}

/** Many times faster than `Math.hypot`, whose care for overflow nothing here needs. */
function lengthOf(x: number, y: number): number {
	return Math.sqrt((x * x) + (y * y)); // eslint-disable-line unicorn/prefer-modern-math-apis -- see above
}
