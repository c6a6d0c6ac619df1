import test from 'ava';
import type {UserError} from '../../engine/error.ts';
import {parseValues} from '../../engine/sweep-values.ts';

const lists: ReadonlyArray<readonly [fact: string, text: string, values: readonly unknown[]]> = [
	['numbers are numbers', '-0.05,0,1e-3', [-0.05, 0, 0.001]],
	['spaces around values do not count', '0, 0.1', [0, 0.1]],
	['a range has both ends and the decimals that people write', '0:0.3:0.05', [0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]],
	['a range may go down', '3:1:-1', [3, 2, 1]],
	['a range ends before a step that would pass its end', '0:1:0.4', [0, 0.4, 0.8]],
	['a range of one value is that value', '2:2:1', [2]],
	['a range of small numbers is exact', '1e-7:3e-7:1e-7', [1e-7, 2e-7, 3e-7]],
	['a range that crosses zero has no minus zero', '-0.1:0.1:0.1', [-0.1, 0, 0.1]],
	['ranges and values may be mixed, each value once', '-0.05,0:0.2:0.1,0.1', [-0.05, 0, 0.1, 0.2]],
	['minus zero is zero', '-0', [0]],
	['words are texts', 'cosine,constant', ['cosine', 'constant']],
	['JSON is what it says', 'true,"1",null,[0.5,1],{"a":1}', [true, '1', null, [0.5, 1], {a: 1}]],
];

for (const [fact, text, values] of lists) {
	test(fact, t => {
		t.deepEqual(parseValues(text), values);
		t.false(parseValues(text).some(value => Object.is(value, -0)));
	});
}

const refusals: ReadonlyArray<readonly [fact: string, text: string, message: string]> = [
	['no value is refused', '', '"--values " lists no value'],
	['an empty value is refused', '1,,2', '"--values 1,,2" has an empty value'],
	['a range without a step is refused', '0:1', 'The range "0:1" never gets from 0 to 1'],
	['a range whose step leads away is refused', '0:1:-1', 'The range "0:1:-1" never gets from 0 to 1'],
	['a range that stands still is refused', '0:1:0', 'The range "0:1:0" has more than 10000 values'],
	['a range that stands still at its end is refused', '1:1:0', 'The range "1:1:0" never gets from 1 to 1'],
	['an endless range is refused', '0:1:1e-9', 'The range "0:1:1e-9" has more than 10000 values'],
];

for (const [fact, text, message] of refusals) {
	test(fact, t => {
		const error = t.throws<UserError>(() => parseValues(text), {name: 'UserError', code: 'sweep-values'});
		t.is(error.message, message);
	});
}
