import {readFileSync} from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import process from 'node:process';
import {pathToFileURL} from 'node:url';
import * as tf from '@tensorflow/tfjs-core';
import {UserError} from '../../engine/error.ts';
import {packageFolder} from '../../engine/installed.ts';
import type {ComputingDevice} from '../../engine/stage.ts';
import {guard} from './failures.ts';
import type {DawnModule, Gpu, GpuAdapter, GpuAdapterInfo, KernelsModule} from './gpu.ts';

/** The name under which TensorFlow.js knows the backend. */
export const backendName = 'webgpu';

/** Npm packages of the backend: WebGPU itself, and the kernels that use it. */
const packages = {gpu: 'webgpu', kernels: '@tensorflow/tfjs-backend-webgpu'} as const;

/** What the kernels expect as globals. */
const globalNames = ['GPUBuffer', 'GPUBufferUsage', 'GPUMapMode', 'GPUShaderStage', 'GPUTexture', 'GPUTextureUsage'] as const;

/** What a device is asked for beyond what every device has: as much as the adapter can give. */
const limitNames = ['maxBufferSize', 'maxStorageBufferBindingSize', 'maxComputeWorkgroupStorageSize', 'maxComputeWorkgroupsPerDimension', 'maxComputeWorkgroupSizeX', 'maxComputeInvocationsPerWorkgroup'] as const;

const elsewhere = 'or choose the backend "wasm".';

/** The device of this process; asked for once. */
let loaded: Promise<ComputingDevice> | undefined;

/** Dawn goes when nobody refers to it any more, whatever of it is still in use. */
let kept: Gpu | undefined;

/**
 * Makes a GPU known to TensorFlow.js as the backend "webgpu", through whatever the platform has: Vulkan, Metal or Direct3D 12.
 *
 * @param command what a user runs to get the packages
 * @throws {UserError} when a package is missing or does not load, or when no driver offers an adapter.
 */
export async function loadWebGpu(command: string): Promise<ComputingDevice> {
	loaded ??= load(command);
	try {
		return await loaded;
	} catch (error) {
		loaded = undefined;
		throw error;
	}
}

async function load(command: string): Promise<ComputingDevice> {
	const [gpuFolder, kernelsFolder] = [packages.gpu, packages.kernels].map(name => folderOf(name, command)) as [string, string];
	const hint = `Install it again with "${command}", ${elsewhere}`;
	const {create, globals} = await orExplain(packages.gpu, hint, async () => import(pathToFileURL(path.join(gpuFolder, 'index.js')).href) as Promise<DawnModule>);
	const adapter = await requestAdapter(create);
	for (const name of globalNames) {
		Object.defineProperty(globalThis, name, {value: globals[name], configurable: true, writable: true});
	}

	const kernels = await orExplain(packages.kernels, hint, async () => createRequire(import.meta.url)(kernelsFolder) as KernelsModule);
	const device = await adapter.requestDevice({
		requiredFeatures: ['timestamp-query'].filter(feature => adapter.features.has(feature)),
		requiredLimits: Object.fromEntries(limitNames.map(name => [name, adapter.limits[name]!])),
	});
	const description = describe(adapter.info, versionOf(gpuFolder));
	tf.registerBackend(backendName, () => withNavigator(() => guard(new kernels.WebGPUBackend(device, adapter.info), device, description)) as unknown as tf.KernelBackend);
	// Otherwise the driver's threads may still be at work when the process tears its memory down.
	process.once('exit', () => {
		device.destroy();
	});
	return {name: description, isEmulated: adapter.info.isFallbackAdapter};
}

function folderOf(name: string, command: string): string {
	const folder = packageFolder(name, import.meta.dirname);
	if (folder === undefined) {
		throw new UserError('backend-missing', `The backend "${backendName}" needs the package ${name}, which is not installed`, {hint: `Install it with "${command}", ${elsewhere}`});
	}

	return folder;
}

async function orExplain<Module>(name: string, hint: string, action: () => Promise<Module>): Promise<Module> {
	try {
		return await action();
	} catch (error) {
		throw new UserError('backend-failed', `The package ${name} is installed but cannot be loaded`, {
			facts: {reason: error instanceof Error ? error.message.split('\n')[0]! : String(error)}, hint, cause: error,
		});
	}
}

async function requestAdapter(create: DawnModule['create']): Promise<GpuAdapter> {
	// Dawn would also offer an adapter that computes nothing.
	kept = create(process.platform === 'linux' ? ['backend=vulkan'] : []);
	const adapter = await kept.requestAdapter({powerPreference: 'high-performance'});
	if (!adapter) {
		throw new UserError('backend-failed', `The backend "${backendName}" finds no GPU on this machine`, {
			hint: process.platform === 'linux'
				? `It needs a Vulkan driver and its loader (Debian: libvulkan1); VK_ICD_FILENAMES names a driver that is in no standard place. Install them, ${elsewhere}`
				: `Update the driver of the GPU, ${elsewhere}`,
		});
	}

	return adapter;
}

/** The kernels look whether they are in a browser with WebGPU when the backend is made, and never again. */
function withNavigator<Value>(action: () => Value): Value {
	const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
	Object.defineProperty(globalThis, 'navigator', {value: {gpu: {}}, configurable: true});
	try {
		return action();
	} finally {
		if (before) {
			Object.defineProperty(globalThis, 'navigator', before);
		} else {
			Reflect.deleteProperty(globalThis, 'navigator');
		}
	}
}

/** A GPU and its driver in words, with what is in between. */
function describe({vendor, architecture, device, description}: GpuAdapterInfo, dawn: string): string {
	const name = [vendor, device || architecture].filter(part => part !== '').join(' ').replace(/-+$/, '');
	return [name || 'unnamed GPU', description, `Dawn ${dawn}`].filter(part => part !== '').join(', ');
}

function versionOf(folder: string): string {
	return (JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {version: string}).version;
}
