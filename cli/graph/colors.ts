import type {Box} from './drawing.ts';

/** Fill and line of a box. Dark text on any of these fills has a contrast above 7 to 1; the state is also said in words. */
export const colors: Readonly<Record<Box['state'], {readonly fill: string; readonly line: string}>> = {
	fresh: {fill: '#dafbe1', line: '#1a7f37'},
	stale: {fill: '#ffe8b3', line: '#9a6700'},
	waiting: {fill: '#eff1f3', line: '#6e7781'},
	folder: {fill: '#ddf4ff', line: '#0969da'},
};

export const textColor = '#1f2328';
export const arrowColor = '#57606a';
