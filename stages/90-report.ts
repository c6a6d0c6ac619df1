import {Type} from '@sinclair/typebox';
import {imageSet} from '../artifacts/image-set.ts';
import {attackMetrics, history, nearestImages} from '../artifacts/records.ts';
import {textArtifact} from '../engine/artifact.ts';
import {defineStage, each} from '../engine/stage.ts';
import {reportPage} from '../reporting/page.ts';
import {comparedVariants, variantResults} from '../reporting/variants.ts';

/** Numbers, pictures and histories of every variant → one page for people. */
export const report = defineStage({
	name: 'report',
	inputs: {
		metrics: each(attackMetrics),
		images: each(imageSet),
		nearest: each(nearestImages),
		train: each(imageSet),
		compared: each(imageSet),
		targetHistory: each(history),
		attackHistory: each(history),
		backend: each(textArtifact('backend-name', 'txt')),
	},
	params: Type.Object({
		identities: Type.Integer({minimum: 1, maximum: 1000, description: 'People on the picture sheet, the first ones.'}),
		trainingImages: Type.Integer({minimum: 1, maximum: 100, description: 'True images of each person.'}),
		reconstructions: Type.Integer({minimum: 1, maximum: 100, description: 'Reconstructions of each person and variant, the most robust ones.'}),
		baseline: Type.String(),
		variants: comparedVariants,
		seed: Type.Integer(),
		params: Type.Unknown(),
	}),
	outputs: {page: textArtifact('page', 'html')},
	async run({metrics, images, nearest, train, compared, targetHistory, attackHistory, backend}, params, {digests}) {
		const {identities, trainingImages, reconstructions, baseline, variants, seed} = params;
		const page = await reportPage({
			title: 'Label smoothing and model inversion',
			question: 'How much of a classifier’s private training images can an attacker reconstruct from the model alone, and how does label smoothing change that?',
			variants: variantResults(variants, metrics).map(variant => ({
				...variant,
				reconstructions: images[variant.name]!,
				trainingImages: train[variant.name]!,
				compared: compared[variant.name]!,
				nearest: Int32Array.from(nearest[variant.name]!),
				training: targetHistory[variant.name]!,
				optimization: attackHistory[variant.name]!,
			})),
			baseline,
			pictures: {classes: identities, trainingPerClass: trainingImages, reconstructionsPerClass: reconstructions},
			provenance: {
				seed,
				params: params.params,
				backend: [...new Set(Object.values(backend))].join(', '),
				inputs: Object.entries(digests).flatMap(([artifact, byVariant]) => Object.entries(byVariant as Record<string, string>)
					.map(([variant, digest]) => ({variant, artifact, digest}))),
			},
		});
		return {page};
	},
});
