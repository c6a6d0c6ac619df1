import test from 'ava';
import {meanAbsoluteLogit} from '../../metrics/mean-absolute-logit.ts';

test('signs do not cancel', t => {
	t.is(meanAbsoluteLogit(new Float32Array([3, -1, -2, 0])), 1.5);
});

test('no logits are refused', t => {
	t.throws(() => meanAbsoluteLogit(new Float32Array()), {name: 'UserError', message: 'Expected logits, got none'});
});
