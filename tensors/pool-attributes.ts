/** What kernels of pooling are told; 'same' and numbers pad as `tf.maxPool` does. */
export type PoolAttributes = {
	readonly filterSize: [number, number] | number;
	readonly strides: [number, number] | number;
	readonly pad: 'valid' | 'same' | number;
};
