import {doit} from './doit.ts';
import {dvc} from './dvc.ts';
import {hamilton} from './hamilton.ts';
import {make} from './make.ts';
import {moon} from './moon.ts';
import {ninja} from './ninja.ts';
import {nx, nxWorkspaces} from './nx.ts';
import {ours, oursShell} from './ours.ts';
import type {Peer} from './peer.ts';
import {redun} from './redun.ts';
import {scons} from './scons.ts';
import {snakemake} from './snakemake.ts';
import {targets} from './targets.ts';
import {tup} from './tup.ts';
import {turbo, turboWorkspaces} from './turbo.ts';
import {wireit} from './wireit.ts';

/** Ours first, then those that compare time stamps, then those that look at contents. */
export const peers: readonly Peer[] = [
	ours,
	oursShell,
	ninja,
	make,
	tup,
	turbo,
	turboWorkspaces,
	nx,
	nxWorkspaces,
	wireit,
	moon,
	doit,
	scons,
	snakemake,
	targets,
	dvc,
	redun,
	hamilton,
];
