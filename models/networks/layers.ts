/** A size or a number per axis: rows, then columns; one number counts for both. */
export type PerAxis = number | readonly [rows: number, columns: number];

/** A convolution and what usually follows it. */
export type ConvolutionOptions = {
	/** Output channels. */
	readonly channels: number;
	readonly kernel: PerAxis;
	/** 1 when absent. */
	readonly stride?: number;
	/** Zeros before the first and after the last row and column; 0 when absent. */
	readonly padding?: PerAxis;
	/** Groups of channels that do not see each other; 1 when absent. */
	readonly groups?: number;
	/** Whether a number per output channel is added; absent: not. */
	readonly bias?: boolean;
	/** Batch normalization of the result; absent: none. */
	readonly norm?: BatchNormOptions;
	/** Whether a ReLU comes last; absent: not. */
	readonly relu?: boolean;
};

/** Batch normalization (Ioffe and Szegedy 2015). */
export type BatchNormOptions = {
	/** Name of the layer. */
	readonly name: string;
	/** Added to the variance; 1e−5 when absent. */
	readonly epsilon?: number;
	/** Whether training leaves its offset at the start; absent: not. */
	readonly frozenOffset?: boolean;
};

/** A window that goes over rows and columns; windows that do not fit entirely are left out. */
export type PoolOptions = {
	readonly size: number;
	readonly stride: number;
	/** Places around the image that count as −∞ for the maximum and as 0 for the average; 0 when absent. */
	readonly padding?: number;
};

/**
 * The layers that networks consist of, over activations of some kind: images [n, height, width, channels] or vectors [n, size] as tensors, in
 * inference or training, or their shapes alone. A network is a function of them and so says once what is computed, which weights there are, and how large things are.
 */
export type Layers<X> = {
	convolution(x: X, name: string, options: ConvolutionOptions): X;
	/** Of images or vectors, over all but the last axis. */
	batchNorm(x: X, options: BatchNormOptions): X;
	/** Of vectors. A bias is added unless `bias` is false. */
	linear(x: X, name: string, options: {readonly outputs: number; readonly bias?: boolean}): X;
	relu(x: X): X;
	/** A ReLU with a learned slope per channel below 0 (He et al. 2015). */
	prelu(x: X, name: string): X;
	/** The sum x + factor·y, the factor being 1 when absent. */
	add(x: X, y: X, factor?: number): X;
	/** Side by side along the channels. */
	concat(parts: readonly X[]): X;
	maxPool(x: X, options: PoolOptions): X;
	averagePool(x: X, options: PoolOptions): X;
	/** Images → their mean per channel. */
	globalAverage(x: X): X;
	/** Images → vectors of all their numbers, in the order that the weights of the network expect. */
	flatten(x: X): X;
	/** In training, each number of a vector or image is 0 with this probability and divided by 1 − rate otherwise; elsewhere nothing. */
	dropout(x: X, name: string, rate: number): X;
	/** Each channel times its factor, plus its offset; one of each stands for all channels. */
	affine(x: X, factors: readonly number[], offsets: readonly number[]): X;
	/** Computes part of a network; what it does not return may be forgotten. */
	part(compute: () => X): X;
};

/** The layers of networks that are not trained here, with what only these have. */
export type FeatureLayers<X> = Layers<X> & {
	/** Averages of those places of each window that are inside the image; as many windows as `averagePool` has. */
	averageInside(x: X, options: PoolOptions): X;
};
