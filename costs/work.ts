/**
 * Kinds of work whose speed differs enough to be measured apart. Products of networks are counted in multiply-accumulates, all else in numbers that are read
 * or written, kernels that are called, or, for `loops`, steps of loops in JavaScript.
 */
export const workKinds = [
	/** Convolutions over more than one pixel. */
	'convolution',
	'convolutionInputGradient',
	'convolutionFilterGradient',
	/** Convolutions of few channels, such as those that read colours. */
	'narrowConvolution',
	'narrowConvolutionInputGradient',
	'narrowConvolutionFilterGradient',
	/** 1×1 convolutions. */
	'pointwise',
	'pointwiseInputGradient',
	'pointwiseFilterGradient',
	'grouped',
	'groupedInputGradient',
	'groupedFilterGradient',
	/** Products of matrices. */
	'product',
	/** One filter per channel, as between the layers of StyleGAN2. */
	'depthwise',
	/** Numbers that pass through memory, such as those of a ReLU. */
	'elements',
	/** Calls of kernels, whatever they compute. */
	'kernels',
	/** Numbers of training images that are cropped and change colour. */
	'augmentation',
	/** Numbers of images that are cropped while gradients may be taken, and their gradients. */
	'crops',
	'cropGradients',
	/** Numbers that an optimizer updates. */
	'updates',
	/** Numbers of drawn faces. */
	'drawing',
	/** Photographs that are decoded and resized, counted in numbers of the result. */
	'decoding',
	'loops',
] as const;

export type WorkKind = (typeof workKinds)[number];

/** How much there is of each kind of work; what is absent is nothing. */
export type Work = Readonly<Partial<Record<WorkKind, number>>>;

/** Several amounts of work together. */
export function total(...works: readonly Work[]): Record<string, number> {
	const sums: Record<string, number> = {};
	for (const [kind, amount] of works.flatMap(work => Object.entries(work))) {
		sums[kind] = (sums[kind] ?? 0) + amount;
	}

	return sums;
}

/** The same work some times over. */
export function times(count: number, work: Work): Work {
	return Object.fromEntries(Object.entries(work).map(([kind, amount]) => [kind, count * amount]));
}
