import {elementwiseGradients} from './elementwise.ts';
import {register} from './gradient.ts';
import {movementGradients} from './movement.ts';
import {productGradients} from './product.ts';
import {reductionGradients} from './reduction.ts';

/**
 * Registers the derivatives of the kernels that models, losses and attacks use. TensorFlow.js ships its own only in files that
 * Node cannot import. Using an operation that is not listed fails with "gradient function not found for" its name.
 */
export function registerGradients(): void {
	for (const gradient of [...elementwiseGradients, ...reductionGradients, ...movementGradients, ...productGradients]) {
		register(gradient);
	}
}
