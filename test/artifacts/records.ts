import test from 'ava';
import {attackMetrics, history, nearestImages, type History} from '../../artifacts/records.ts';
import {bytesOf} from '../helpers/bytes.ts';
import {metricsOf} from '../helpers/report.ts';

const curve: History = {unit: 'epoch', columns: {loss: [2, 1.25], alpha: [0, -0.05]}};

test('records survive encoding', t => {
	t.deepEqual(history.decode(bytesOf(history, curve)), curve);
	t.deepEqual(attackMetrics.decode(bytesOf(attackMetrics, metricsOf.standard)), metricsOf.standard);
	t.deepEqual(nearestImages.decode(bytesOf(nearestImages, [3, 0, 2])), [3, 0, 2]);
});

test('the order of columns does not matter', t => {
	const {unit, columns: {loss, alpha}} = curve;
	t.deepEqual(bytesOf(history, {columns: {alpha: alpha!, loss: loss!}, unit}), bytesOf(history, curve));
});

test('metrics that are not finite are refused', t => {
	t.throws(() => bytesOf(attackMetrics, {...metricsOf.standard, fid: Infinity}), {message: '$.fid is Infinity, which JSON cannot hold'});
	t.throws(() => bytesOf(history, {unit: 'step', columns: {loss: [1, Number.NaN]}}), {message: '$.columns.loss[1] is NaN, which JSON cannot hold'});
});

test('a history previews as its last row', t => {
	t.is(history.preview?.(curve), '2 epochs; last: loss 1.250, alpha -0.05000');
});

test('a history without rows previews', t => {
	t.is(history.preview?.({unit: 'step', columns: {loss: []}}), '0 steps; last: loss –');
	t.is(history.preview?.({unit: 'step', columns: {}}), '0 steps; last: ');
});

test('metrics preview as one line each', t => {
	const lines = attackMetrics.preview?.(metricsOf.standard).split('\n') ?? [];
	t.is(lines.length, Object.keys(metricsOf.standard).length);
	t.is(lines[0], 'testAccuracy                 0.93400');
});

test('nearest images preview as their number', t => {
	t.is(nearestImages.preview?.([3, 0, 2]), '3 indices');
});
