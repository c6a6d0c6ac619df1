import test from 'ava';
import {canonicalJson} from '../../engine/canonical-json.ts';

test('keys are sorted at every depth and nothing else is moved', t => {
	t.is(canonicalJson({b: [3, 1, 2], a: {z: null, y: true}, ä: 'x', B: ''}), '{"B":"","a":{"y":true,"z":null},"b":[3,1,2],"ä":"x"}');
});

test('keys are sorted by code unit, not by locale', t => {
	t.is(canonicalJson({'\uFFFF': 1, '\u{1F600}': 2, a: 3}), '{"a":3,"\u{1F600}":2,"\uFFFF":1}');
});

test('numbers are printed as ECMAScript does', t => {
	t.is(canonicalJson([1e21, 1e-7, 0.1, 5e-324, 100]), '[1e+21,1e-7,0.1,5e-324,100]');
});

test('minus zero and zero share a text', t => {
	t.is(canonicalJson([-0]), '[0]');
});

test('a lone surrogate has a text of its own', t => {
	t.is(canonicalJson('\uD800'), String.raw`"\ud800"`);
});

test('a key named "__proto__" is a key like any other', t => {
	t.is(canonicalJson(JSON.parse('{"b":1,"__proto__":{"a":2}}')), '{"__proto__":{"a":2},"b":1}');
});

test('objects without a prototype are plain', t => {
	t.is(canonicalJson(Object.assign(Object.create(null) as object, {a: 1})), '{"a":1}');
});

class Point {
	x = 1;
}

const refused: ReadonlyArray<readonly [string, unknown, string]> = [
	['undefined', {a: {b: undefined}}, '$.a.b is undefined, which JSON cannot hold'],
	['a hole in an array', Array.from({length: 2, 0: 1}), '$[1] is undefined, which JSON cannot hold'],
	['NaN', [1, Number.NaN], '$[1] is NaN, which JSON cannot hold'],
	['an infinity', {a: -Infinity}, '$.a is -Infinity, which JSON cannot hold'],
	['a function', {run: Math.abs}, '$.run is function, which JSON cannot hold'],
	['a symbol', [Symbol.iterator], '$[0] is symbol, which JSON cannot hold'],
	['a bigint', 1n, '$ is bigint, which JSON cannot hold'],
	['a date', {at: new Date(0)}, '$.at is a Date, which JSON cannot hold'],
	['a typed array', {bytes: new Uint8Array(2)}, '$.bytes is a Uint8Array, which JSON cannot hold'],
	['a map', new Map(), '$ is a Map, which JSON cannot hold'],
	['an instance', [new Point()], '$[0] is a Point, which JSON cannot hold'],
];

for (const [name, value, message] of refused) {
	test(`${name} is refused, never skipped`, t => {
		t.throws(() => canonicalJson(value), {instanceOf: TypeError, message});
	});
}
