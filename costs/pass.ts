import {times, total, type Work, type WorkKind} from './work.ts';

/**
 * What is computed: `inference`, the outputs alone; `inputGradient`, the gradient with respect to the input too, as attacks take it; `training`, those with
 * respect to the weights, with batch normalization over the batch.
 */
export type PassKind = 'inference' | 'inputGradient' | 'training';

/** What one pass costs. Amounts are per image; kernels are called once per batch. */
export type Pass = {
	/** Multiply-accumulates of convolutions and linear layers, of the outputs alone: what papers print as MACs, or as FLOPs. */
	readonly macs: number;
	/** The same with what gradients take. */
	readonly allMacs: number;
	/** Work per image. */
	readonly work: Work;
	/** Kernels that are called, however many images there are. */
	readonly kernels: number;
	/** Numbers per image that are in memory at once: activations of the forward pass … */
	readonly forwardNumbers: number;
	/** … and gradients with respect to them, which stay until the pass ends. */
	readonly backwardNumbers: number;
	/** Numbers of the largest tensor, per image. */
	readonly largestNumbers: number;
};

/** Tensors as large as the largest one that kernels need besides what they read and yield: padded copies, terms of sums, windows in a row. */
const workspaceTensors = 4;

/** How products with weights are counted. */
export type Product = 'convolution' | 'narrowConvolution' | 'pointwise' | 'grouped' | 'product';

/** Adds up a pass operation by operation. */
export class PassCounter {
	readonly kind: PassKind;
	#macs = 0;
	#allMacs = 0;
	readonly #work = new Map<WorkKind, number>();
	#kernels = 0;
	#live = 0;
	#peak = 0;
	#gradients = 0;
	#largest = 0;

	constructor(kind: PassKind) {
		this.kind = kind;
	}

	/** Whether gradients are taken, so that what is computed stays in memory. */
	get isTaped(): boolean {
		return this.kind !== 'inference';
	}

	/** A product with weights. @param needsInputGradient - Not where the input is the images of a training. */
	product(product: Product, macs: number, {needsInputGradient = true}: {readonly needsInputGradient?: boolean} = {}): void {
		this.#macs += macs;
		const passes = [
			'',
			...(this.isTaped && needsInputGradient ? ['InputGradient'] : []),
			...(this.kind === 'training' ? ['FilterGradient'] : []),
		];
		for (const pass of passes) {
			this.#allMacs += macs;
			this.work((product === 'product' ? product : `${product}${pass}`) as WorkKind, macs);
		}

		this.#kernels += passes.length;
	}

	/** An operation that goes over numbers. */
	elementwise(read: {readonly forward: number; readonly backward: number}, kernels = 1): void {
		this.work('elements', read.forward + (this.isTaped ? read.backward : 0));
		this.#kernels += this.isTaped ? 3 * kernels : kernels;
	}

	work(kind: WorkKind, amount: number): void {
		this.#work.set(kind, (this.#work.get(kind) ?? 0) + amount);
	}

	/** Numbers that an operation yields; while gradients are taken, they stay. */
	yields(numbers: number): void {
		this.#live += numbers;
		this.#peak = Math.max(this.#peak, this.#live);
		this.#largest = Math.max(this.#largest, numbers);
	}

	/** Numbers of a gradient that an operation hands to its input. */
	handsBack(numbers: number): void {
		this.#gradients += this.isTaped ? numbers : 0;
	}

	/** Frees what a part of the network computed, but for its result, unless gradients need it. */
	part<X>(compute: () => X, sizeOf: (x: X) => number): X {
		const before = this.#live;
		const result = compute();
		if (!this.isTaped) {
			this.#live = before + sizeOf(result);
		}

		return result;
	}

	get pass(): Pass {
		return {
			macs: this.#macs,
			allMacs: this.#allMacs,
			work: Object.fromEntries(this.#work),
			kernels: this.#kernels,
			forwardNumbers: this.#peak,
			backwardNumbers: this.#gradients,
			largestNumbers: this.#largest,
		};
	}
}

/** Passes after one another, for one image. */
export function together(...passes: readonly Pass[]): Pass {
	const sum = (of: (pass: Pass) => number) => passes.reduce((before, pass) => before + of(pass), 0);
	return {
		macs: sum(({macs}) => macs),
		allMacs: sum(({allMacs}) => allMacs),
		work: total(...passes.map(({work}) => work)),
		kernels: sum(({kernels}) => kernels),
		forwardNumbers: sum(({forwardNumbers}) => forwardNumbers),
		backwardNumbers: sum(({backwardNumbers}) => backwardNumbers),
		largestNumbers: Math.max(...passes.map(({largestNumbers}) => largestNumbers)),
	};
}

/** What `images` cost in batches of a size. */
export function workOf({work, kernels}: Pick<Pass, 'work' | 'kernels'>, images: number, batchSize: number): Record<string, number> {
	return total(times(images, work), {kernels: Math.ceil(images / batchSize) * kernels});
}

/** Bytes of a float32 number. */
export const numberBytes = 4;

/** Activations and gradients of a batch while gradients are taken, and what kernels need besides, in bytes. */
export function passMemory({forwardNumbers, backwardNumbers, largestNumbers}: Pass, images: number): {readonly activations: number; readonly gradients: number; readonly workspace: number} {
	return {activations: numberBytes * images * forwardNumbers, gradients: numberBytes * images * backwardNumbers, workspace: numberBytes * images * workspaceTensors * largestNumbers};
}

/** The same for one image, all together. */
export function imageBytes(pass: Pass): number {
	const {activations, gradients, workspace} = passMemory(pass, 1);
	return activations + gradients + workspace;
}
