import {artifactType} from '../engine/artifact.ts';
import {fact, float32, int32} from './arrays.ts';
import {decodeSafetensors, encodeSafetensors} from './safetensors.ts';

/** Latent vectors. */
export type Latents = {
	/** Row-major [count, latentSize]. */
	readonly latents: Float32Array;
	readonly latentSize: number;
};

/** Latent vectors that belong to no class: the pool the attack searches. */
export type LatentPool = Latents & {
	/** What the last layers of the generator read while the pool is scored, where that is something else: the vectors before truncation, if only the first layers are truncated. */
	readonly upper?: {
		/** The first layer that reads them, counted from 0. */
		readonly firstLayer: number;
		/** Row-major [count, latentSize]. */
		readonly latents: Float32Array;
	};
};

/**
 * Latent vectors that each aim at a target class. Class-major: all of class 0 first, best score first inside a class.
 */
export type LatentSet = Latents & {
	/** [count]; the class each vector aims at. */
	readonly targetClasses: Int32Array;
	/** [count]; the target model's mean confidence in the target class (0–1) when the vector was scored. */
	readonly scores: Float32Array;
};

/** What costs depend on. */
export type LatentsOutline = {readonly count: number; readonly latentSize: number};

export const latentPool = artifactType<'latent-pool', LatentPool, LatentsOutline>({
	kind: 'latent-pool',
	extension: 'safetensors',
	encode({latents, latentSize, upper}) {
		const shape = [latents.length / latentSize, latentSize];
		return encodeSafetensors({
			arrays: {latents: {shape, data: latents}, ...(upper && {upper: {shape, data: upper.latents}})},
			metadata: upper ? {upperFirstLayer: upper.firstLayer} : {},
		});
	},
	decode(bytes) {
		const {arrays: {latents, upper}, metadata} = decodeSafetensors(bytes);
		return {
			latents: float32(latents, 'latents'),
			latentSize: latents?.shape[1] ?? 0,
			...(upper && {upper: {firstLayer: fact(metadata, 'upperFirstLayer') as number, latents: float32(upper, 'upper')}}),
		};
	},
	preview: ({latents, latentSize}) => `${latents.length / latentSize} latents of ${latentSize}`,
	outline: ({latents, latentSize}) => ({count: latents.length / latentSize, latentSize}),
});

export const latentSet = artifactType<'latent-set', LatentSet, LatentsOutline>({
	kind: 'latent-set',
	extension: 'safetensors',
	encode: ({latents, latentSize, targetClasses, scores}) => encodeSafetensors({
		arrays: {
			latents: {shape: [targetClasses.length, latentSize], data: latents},
			targetClasses: {shape: [targetClasses.length], data: targetClasses},
			scores: {shape: [scores.length], data: scores},
		},
		metadata: {},
	}),
	decode(bytes) {
		const {latents, targetClasses, scores} = decodeSafetensors(bytes).arrays;
		return {
			latents: float32(latents, 'latents'),
			latentSize: latents?.shape[1] ?? 0,
			targetClasses: int32(targetClasses, 'targetClasses'),
			scores: float32(scores, 'scores'),
		};
	},
	preview: ({targetClasses, latentSize}) => `${targetClasses.length} latents of ${latentSize}, ${new Set(targetClasses).size} target classes`,
	outline: ({targetClasses, latentSize}) => ({count: targetClasses.length, latentSize}),
});
