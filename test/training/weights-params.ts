import test from 'ava';
import {checkOverride, checkWeights, inputTransformOf} from '../../training/weights-params.ts';

test('weights and a start are refused together', t => {
	t.notThrows(() => {
		checkWeights('target', {weights: 'a.pt', inputTransform: 'on'});
		checkWeights('target', {initial: 'a.pt'});
		checkWeights('target', {});
	});
	t.throws(() => {
		checkWeights('target', {weights: 'a.pt', initial: 'b.pt'});
	}, {name: 'UserError', message: '"target.initial" is for a training, but "target.weights" takes the place of it'});
});

test('an input transform without a file is refused', t => {
	t.throws(() => {
		checkWeights('evaluation', {inputTransform: 'measured'});
	}, {name: 'UserError', message: '"evaluation.inputTransform" is for weights from a file, but there is neither "evaluation.weights" nor "evaluation.initial"'});
});

test('a stage that looks at another model has to name its weights', t => {
	t.notThrows(() => {
		checkOverride('sampling', {weights: 'a.pt'}, undefined);
		checkOverride('sampling', {weights: 'a.pt'}, {weights: 'b.pt', alpha: 0.1});
		checkOverride('sampling', {}, {alpha: 0.1});
	});
	t.throws(() => {
		checkOverride('sampling', {weights: 'a.pt'}, {alpha: 0.1});
	}, {name: 'UserError', message: '"sampling.target" changes how the target model is trained, but "target.weights" takes the place of that training'});
});

test('what is to be measured is no setting', t => {
	t.deepEqual([undefined, 'measured', 'on', 'off'].map(setting => inputTransformOf(setting as 'on' | undefined)), [undefined, undefined, true, false]);
});
