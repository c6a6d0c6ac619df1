import type {AnyArtifactType} from '../engine/artifact.ts';
import type {Add, EachRef, Ref} from '../engine/pipeline.ts';
import {toyBlobs} from '../stages/96-toy-blobs.ts';
import {toyTraining} from '../stages/97-toy-training.ts';
import {toyInversion} from '../stages/98-toy-inversion.ts';
import {toyFigure} from '../stages/99-toy-figure.ts';
import {checkToy, type toyParams} from '../toy/params.ts';

/** The toy example of the paper (Fig. 1), which shares nothing with the experiment: points in the plane, one small network per smoothing factor, and an attack on each. */
export function toyExample(add: Add, params: typeof toyParams.static) {
	checkToy(params);
	const {data, training, inversion: attack, figure, alphas} = params;
	const {points} = add(toyBlobs, {}, data);
	const models = alphas.map(alpha => {
		const name = `alpha=${alpha}`;
		const {network, history} = add(toyTraining, {points}, {...training, alpha, numClasses: data.centres.length}, {name: `toy-training@${name}`});
		const {inversion} = add(toyInversion, {network, points}, attack, {name: `toy-inversion@${name}`});
		return {name, alpha, network, history, inversion};
	});
	const all = <Type extends AnyArtifactType>(refOf: (model: (typeof models)[number]) => Ref<Type>): EachRef<Type> =>
		({ref: 'each', variants: Object.fromEntries(models.map(model => [model.name, refOf(model)]))});
	const {table, csv, record, page} = add(toyFigure, {
		points,
		network: all(({network}) => network),
		history: all(({history}) => history),
		inversion: all(({inversion}) => inversion),
	}, {figure, models: models.map(({name, alpha}) => ({name, alpha})), settings: {data, training, inversion: attack}});
	return {
		goals: {toy: table},
		reports: {'toy/index.html': page, 'toy/results.csv': csv, 'toy/results.json': record},
	};
}
