import {accessSync, constants, existsSync, rmSync, statSync, statfsSync, writeFileSync} from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import {explainDiskError} from '../../engine/disk-error.ts';
import {UserError} from '../../engine/error.ts';
import {formatBytes} from '../format.ts';
import type {Finding, Site} from './finding.ts';

/** Less free space is worth a warning: a run of the default size writes less than this. */
const comfortableSpaceBytes = 1e9;

/** With less, a run is likely to fail. */
const neededSpaceBytes = 50e6;

/** Clocks of one machine agree to milliseconds; leases tolerate many seconds. */
const clockToleranceMs = 2000;

type FileSystem = {readonly name: string; readonly isShared?: boolean; readonly isMemory?: boolean};

/** Linux's numbers for kinds of file systems, from statfs(2). */
const fileSystems: ReadonlyMap<number, FileSystem> = new Map([
	[0xEF_53, {name: 'ext4'}],
	[0x58_46_53_42, {name: 'xfs'}],
	[0x91_23_68_3E, {name: 'btrfs'}],
	[0x2F_C1_2F_C1, {name: 'zfs'}],
	[0x79_4C_76_30, {name: 'overlay'}],
	[0x01_02_19_94, {name: 'tmpfs', isMemory: true}],
	[0x69_69, {name: 'nfs', isShared: true}],
	[0xFF_53_4D_42, {name: 'cifs', isShared: true}],
	[0xFE_53_4D_42, {name: 'smb', isShared: true}],
	[0x01_02_19_97, {name: '9p', isShared: true}],
	[0x65_73_55_46, {name: 'fuse', isShared: true}],
	[0x0B_D0_0B_D0, {name: 'lustre', isShared: true}],
]);

type Place = Pick<Site, 'cacheFolder'>;

/** Whether the cache can be written, or made. */
export function writable({cacheFolder}: Place): readonly Finding[] {
	const check = 'cache folder';
	const place = nearestExisting(cacheFolder);
	if (place === cacheFolder && !statSync(cacheFolder).isDirectory()) {
		throw explainDiskError({code: 'ENOTDIR'}, cacheFolder);
	}

	try {
		accessSync(place, constants.W_OK);
	} catch (error) {
		throw explainDiskError(error, cacheFolder);
	}

	return [place === cacheFolder
		? {check, status: 'ok', found: cacheFolder}
		: {check, status: 'note', found: `${cacheFolder}: not there yet, the first run makes it`}];
}

/** What the cache lies on, or will lie on. */
export function disk({cacheFolder}: Place): readonly Finding[] {
	return spaceAndFileSystem(statfsSync(nearestExisting(cacheFolder)));
}

/** @param stats what `statfs` says about the place of the cache */
export function spaceAndFileSystem(stats: {readonly type: number; readonly bavail: number; readonly bsize: number}): readonly Finding[] {
	const free = stats.bavail * stats.bsize;
	const found = `${formatBytes(free)} free`;
	const hint = 'Free some space, or name another cache with --cache FOLDER.';
	const space: Finding = free >= comfortableSpaceBytes
		? {check: 'disk space', status: 'ok', found}
		: {check: 'disk space', status: free < neededSpaceBytes ? 'problem' : 'warning', found, hint};
	return [space, fileSystem(fileSystems.get(stats.type))];
}

function fileSystem(known: FileSystem | undefined): Finding {
	const check = 'file system';
	if (known?.isShared) {
		return {check, status: 'warning', found: `${known.name}, which may be shared between machines`, hint: 'The database needs memory shared by its processes: use one cache from one machine at a time, or keep it on a local disk with --cache FOLDER.'};
	}

	return known?.isMemory
		? {check, status: 'note', found: `${known.name}: it is in memory and gone after a restart`, hint: 'Keep results that took long on a disk: --cache FOLDER.'}
		: {check, status: 'ok', found: known?.name ?? 'of a kind that is not known to be shared'};
}

/** Ages of files and leases are told by clocks: that of the file system and ours should agree. */
export function clock({cacheFolder}: Place): readonly Finding[] {
	if (!existsSync(cacheFolder)) {
		return [];
	}

	const file = path.join(cacheFolder, `doctor-${process.pid}.tmp`);
	try {
		const before = Date.now();
		writeFileSync(file, '');
		return [clockFinding(statSync(file).mtimeMs, before, Date.now())];
	} catch (error) {
		throw explainDiskError(error, cacheFolder);
	} finally {
		rmSync(file, {force: true});
	}
}

/** @param writtenMs when a file was written between `before` and `after`, by the clock of its file system */
export function clockFinding(writtenMs: number, before: number, after: number): Finding {
	const offMs = writtenMs < before ? writtenMs - before : Math.max(0, writtenMs - after);
	if (Math.abs(offMs) <= clockToleranceMs) {
		return {check: 'clock', status: 'ok', found: 'that of the file system agrees with ours'};
	}

	return {
		check: 'clock',
		status: 'warning',
		found: `that of the file system is ${Math.round(Math.abs(offMs) / 1000)} s ${offMs < 0 ? 'behind' : 'ahead'}`,
		hint: 'Set the clocks of the machines that use this disk, by NTP for example.',
	};
}

function nearestExisting(folder: string): string {
	return existsSync(folder) ? folder : nearestParent(folder);
}

function nearestParent(folder: string): string {
	const parent = path.dirname(folder);
	if (parent === folder) {
		throw new UserError('folder-missing', `There is no folder above "${folder}"`);
	}

	return nearestExisting(parent);
}
