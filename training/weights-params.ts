import {Type, type Static} from '@sinclair/typebox';
import {UserError} from '../engine/error.ts';

const path = (what: string) => Type.Optional(Type.String({minLength: 1, description: `${what} A PyTorch state dict or a safetensors file; a relative path starts at the folder of pipeline.ts, and "\${NAME:-default}" stands for an environment variable.`}));

/** Weights from outside, in place of a training or before it. */
export const weightsParams = Type.Object({
	weights: path('File of trained weights that the model is made of; it is not trained then, and its other params say how it was trained.'),
	initial: path('File of weights that the training starts from, such as those of ImageNet. The last layer is kept only when it has as many classes; otherwise it starts anew. The auxiliary head of Inception-v3 is kept whatever its number of outputs, if it has one for every class. VGG-16 also starts from torchvision\'s network of that name, IR-50 from the one of faces in general without classes.'),
	inputTransform: Type.Optional(Type.Union([Type.Literal('measured'), Type.Literal('on'), Type.Literal('off')], {
		description: 'Inception-v3 from a file: whether it changes the scale of its input first, which state dicts do not tell. "on" as it was trained, "off" as in the authors\' attack; "measured": what the file says, or else what recognises more of the test images. "measured" when absent.',
	})),
});

type WeightsParams = Static<typeof weightsParams>;

/** The setting of a classifier that is asked for; nothing when it is to be found out. */
export function inputTransformOf(inputTransform: WeightsParams['inputTransform']): boolean | undefined {
	return inputTransform === undefined || inputTransform === 'measured' ? undefined : inputTransform === 'on';
}

/**
 * Says which params have no effect, before anything runs.
 * @param name of the section in the params file
 * @throws {UserError} when a model should both be made of weights and start from some
 */
export function checkWeights(name: string, {weights, initial, inputTransform}: WeightsParams): void {
	if (weights !== undefined && initial !== undefined) {
		throw new UserError('param-without-effect', `"${name}.initial" is for a training, but "${name}.weights" takes the place of it`, {
			hint: `Remove "${name}.weights" to train from "${name}.initial", or the other way round.`,
		});
	}

	if (inputTransform !== undefined && weights === undefined && initial === undefined) {
		throw new UserError('param-without-effect', `"${name}.inputTransform" is for weights from a file, but there is neither "${name}.weights" nor "${name}.initial"`, {
			hint: `Remove "${name}.inputTransform", or name a file.`,
		});
	}
}

/**
 * Says that a stage which looks at a model of its own would look at the same one: the weights of a file do not change with how they should be trained.
 * @param name of the section in the params file
 * @throws {UserError} when the patch changes a training that does not happen
 */
export function checkOverride(name: string, {weights}: WeightsParams, override: object | undefined): void {
	if (override && weights !== undefined && !('weights' in override)) {
		throw new UserError('param-without-effect', `"${name}.target" changes how the target model is trained, but "target.weights" takes the place of that training`, {
			hint: `Name the other model in "${name}.target.weights".`,
		});
	}
}
