/** The part of the WebGPU API (W3C, "WebGPU") that is used here; Node's types leave it out. */
export type Gpu = {
	requestAdapter(options: {readonly powerPreference: 'high-performance'}): Promise<GpuAdapter | null>;
};

export type GpuAdapter = {
	readonly features: ReadonlySet<string>;
	readonly limits: Readonly<Record<string, number>>;
	readonly info: GpuAdapterInfo;
	requestDevice(wanted: {readonly requiredFeatures: readonly string[]; readonly requiredLimits: Readonly<Record<string, number>>}): Promise<GpuDevice>;
};

/** What a driver says of itself; any text may be empty. */
export type GpuAdapterInfo = {
	readonly vendor: string;
	readonly architecture: string;
	readonly device: string;
	readonly description: string;
	/** Whether a processor computes in place of a GPU. */
	readonly isFallbackAdapter: boolean;
};

export type GpuDevice = {
	readonly lost: Promise<{readonly message: string}>;
	addEventListener(type: 'uncapturederror', listener: (event: {readonly error: Error; preventDefault(): void}) => void): void;
	destroy(): void;
};

/** The npm package `webgpu`: Dawn for Node. */
export type DawnModule = {
	/** @param options such as `backend=vulkan` */
	create(options: readonly string[]): Gpu;
	/** What browsers have as globals, by their names. */
	readonly globals: Readonly<Record<string, unknown>>;
};

/** What the backend of `@tensorflow/tfjs-backend-webgpu` holds besides its kernels. */
export type WebGpuBackend = {
	readonly bufferManager: BufferManager;
	readonly commandEncoder: object | null;
	endComputePassEncoder(): void;
	submitQueue(): void;
	read(dataId: object): Promise<unknown>;
	readSync(dataId: object): unknown;
	write(values: unknown, shape: number[], dtype: string): object;
	dispose(): void;
};

/** Keeps the buffers of tensors that are gone for those that will need the same size. */
type BufferManager = {
	readonly freeBuffers: ReadonlyMap<string, GpuBuffer[]>;
	numFreeBuffers: number;
	numBytesAllocated: number;
};

type GpuBuffer = {readonly size: number; destroy(): void};

/** The npm package `@tensorflow/tfjs-backend-webgpu`. */
export type KernelsModule = {
	readonly WebGPUBackend: new (device: GpuDevice, info: GpuAdapterInfo) => WebGpuBackend;
};
