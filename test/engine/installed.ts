import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import test from 'ava';
import {installedVersion, packageFolder} from '../../engine/installed.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'installed-'));
const inside = path.join(folder, 'node_modules/.cache/deep');

function add(place: string, version: string): string {
	const target = path.join(folder, place);
	mkdirSync(target, {recursive: true});
	writeFileSync(path.join(target, 'package.json'), JSON.stringify({version}));
	return target;
}

test.before(() => {
	mkdirSync(inside, {recursive: true});
});

test.after.always(() => {
	rmSync(folder, {recursive: true, force: true});
});

test.serial('a package is looked for in the folder and all above it', t => {
	t.is(packageFolder('@fake/library', inside), undefined);
	t.is(installedVersion('@fake/library', inside), undefined);
	const target = add('node_modules/@fake/library', '1.0.0');
	t.is(packageFolder('@fake/library', inside), target);
	t.is(installedVersion('@fake/library', folder), '1.0.0');
});

test.serial('what was built here comes before what npm installed', t => {
	add('node_modules/both', '1.0.0');
	const target = add('.native/node_modules/both', '1.0.0+library.2');
	t.is(packageFolder('both', inside), target);
	t.is(installedVersion('both', inside), '1.0.0+library.2');
});
