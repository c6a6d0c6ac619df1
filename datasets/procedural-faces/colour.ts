/** Linear RGB; a full channel is 1, and values outside [0, 1] are allowed until the last step. There is no gamma anywhere. */
export type Colour = readonly [red: number, green: number, blue: number];

/** Clamps to [low, high]. */
export function clamp(value: number, low = 0, high = 1): number {
	return Math.min(Math.max(value, low), high);
}

/** Every channel through one function. */
export function mapColour([red, green, blue]: Colour, change: (value: number, channel: 0 | 1 | 2) => number): Colour {
	return [change(red, 0), change(green, 1), change(blue, 2)];
}

/** A darker (factor < 1) or brighter colour. */
export function scaleColour(colour: Colour, factor: number): Colour {
	return mapColour(colour, value => value * factor);
}

/** Channel-wise sum. */
export function addColours(a: Colour, b: Colour): Colour {
	return mapColour(a, (value, channel) => value + b[channel]);
}

/** The colour `share` of the way from `a` (0) to `b` (1). */
export function mixColours(a: Colour, b: Colour, share: number): Colour {
	return mapColour(a, (value, channel) => ((1 - share) * value) + (share * b[channel]));
}
