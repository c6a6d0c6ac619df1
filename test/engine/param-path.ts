import {Type} from '@sinclair/typebox';
import test from 'ava';
import type {UserError} from '../../engine/error.ts';
import {pathsAllowed, pathsIn, resolveParam, shortNames} from '../../engine/param-path.ts';

const paths = {
	listed: ['target.alpha', 'subsample.perClass', 'a.rate', 'b.rate'],
	present: ['seed', 'target.alpha', 'evaluation.alpha', 'subsample.perClass', 'sampling.perClass', 'optimization.steps', 'target.epochs', 'evaluation.epochs'],
	allowed: ['target.alpha', 'sampling.target.alpha', 'sampling.target.width'],
};

const resolutions: ReadonlyArray<readonly [fact: string, name: string, path: string]> = [
	['a tail of one listed path is that path, whatever else ends so', 'alpha', 'target.alpha'],
	['a tail of one value is its path', 'steps', 'optimization.steps'],
	['a whole path is itself, also where it is the tail of another', 'target.alpha', 'target.alpha'],
	['a whole path is itself, also where its tail is listed elsewhere', 'evaluation.alpha', 'evaluation.alpha'],
	['a path of an optional group that the params leave out is known', 'sampling.target.alpha', 'sampling.target.alpha'],
	['a tail that only the schema knows is found', 'width', 'sampling.target.width'],
	['the seed is a param', 'seed', 'seed'],
];

for (const [fact, name, path] of resolutions) {
	test(fact, t => {
		t.is(resolveParam(name, paths), path);
	});
}

function refused(name: string): string {
	try {
		resolveParam(name, paths);
		return 'nothing';
	} catch (error) {
		const {code, message, hint} = error as UserError;
		return `${code}: ${message}\n${hint}`;
	}
}

test('a tail of several values lists them', t => {
	t.is(refused('epochs'), 'param-ambiguous: "epochs" stands for 2 params\nName one of them: target.epochs, evaluation.epochs');
});

test('a tail of several listed paths lists those', t => {
	t.is(refused('rate'), 'param-ambiguous: "rate" stands for 2 params\nName one of them: a.rate, b.rate');
});

test('an unknown param names the nearest spelling and lists all', t => {
	const all = 'seed, target.alpha, evaluation.alpha, subsample.perClass, sampling.perClass, optimization.steps, target.epochs, evaluation.epochs, sampling.target.alpha, sampling.target.width';
	t.is(refused('stepz'), `param-unknown: There is no param "stepz"\nDid you mean "optimization.steps"? All of them: ${all}`);
	t.is(refused('optimisation.steps'), `param-unknown: There is no param "optimisation.steps"\nDid you mean "optimization.steps"? All of them: ${all}`);
});

test('a part of a key is no tail', t => {
	t.true(refused('Class').startsWith('param-unknown'));
});

test('the paths of params are those of all values, lists being one', t => {
	t.deepEqual(pathsIn({$schema: 's', extends: 'e', variants: {a: {}}, sweep: {x: [1]}, seed: 0, target: {alpha: 0, crops: {scale: [0.5, 1]}, note: null}}), ['seed', 'target.alpha', 'target.crops.scale', 'target.note']);
});

test('the paths that a schema allows include optional groups and every kind of a union', t => {
	t.deepEqual(pathsAllowed({
		data: Type.Union([
			Type.Object({kind: Type.Literal('drawn'), size: Type.Integer()}),
			Type.Object({kind: Type.Literal('folder'), path: Type.String()}),
		]),
		attack: Type.Object({target: Type.Optional(Type.Partial(Type.Object({alpha: Type.Number()}))), schedule: Type.Union([Type.Literal('a'), Type.Literal('b')])}),
	}), ['seed', 'data.kind', 'data.size', 'data.path', 'attack.target.alpha', 'attack.schedule']);
});

test('a choice between tagged groups is a path too, unless it is a slice', t => {
	const choice = Type.Union([Type.Object({kind: Type.Literal('none')}), Type.Object({kind: Type.Literal('noise'), width: Type.Number()})], {discriminator: {propertyName: 'kind'}});
	t.deepEqual(pathsAllowed({data: choice, target: Type.Object({defense: Type.Optional(choice)})}), [
		'seed', 'data.kind', 'data.width', 'target.defense', 'target.defense.kind', 'target.defense.width',
	]);
});

test('short names are as long as they must be to be told apart', t => {
	t.deepEqual(shortNames(['target.alpha', 'subsample.perClass']), ['alpha', 'perClass']);
	t.deepEqual(shortNames(['target.alpha', 'evaluation.alpha']), ['target.alpha', 'evaluation.alpha']);
	t.deepEqual(shortNames(['target.alpha', 'sampling.target.alpha', 'seed']), ['target.alpha', 'sampling.target.alpha', 'seed']);
});
