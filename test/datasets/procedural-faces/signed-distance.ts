import test from 'ava';
import {boxDistance, discDistance, ellipseDistance} from '../../../datasets/procedural-faces/signed-distance.ts';

const tolerance = 1e-5;

const isDistance = test.macro((t, actual: number, expected: number) => {
	t.true(Math.abs(actual - expected) < tolerance, `got ${actual}, expected ${expected}`);
});

test('an ellipse is at distance 0 on its outline', isDistance, ellipseDistance(0.3, 0.8, 0.5, 1), 0);
test('along an axis an ellipse is as far as its end', isDistance, ellipseDistance(0.7, 0, 0.5, 1), 0.2);
test('inside an ellipse the distance is negative', isDistance, ellipseDistance(0, 0.75, 0.5, 1), -0.25);
test('the centre of an ellipse has a finite distance', isDistance, ellipseDistance(0, 0, 0.5, 1), 0);
test('an ellipse of equal radii is a disc', isDistance, ellipseDistance(0.3, 0.4, 0.2, 0.2), discDistance(0.3, 0.4, 0.2));
test('beside a box the side counts', isDistance, boxDistance(-0.5, 0.1, 0.2, 0.3), 0.3);
test('inside a box the nearest side counts', isDistance, boxDistance(0.1, 0, 0.2, 0.3), -0.1);
