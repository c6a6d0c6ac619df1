import {existsSync} from 'node:fs';
import process from 'node:process';
import {packageFolder} from '../../engine/installed.ts';
import {backendPackages, type BackendName} from '../../tensors/backend.ts';

const isInstalled = (name: string) => packageFolder(name, import.meta.dirname) !== undefined;

const native = isInstalled(backendPackages.tensorflow) ? ['tensorflow'] as const : [];

/** Where Debian's package `chromium` has its software driver for Vulkan. */
const softwareDriver = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** Why the backend "webgpu" is not tested here; nothing where it is. Without a GPU the tests, and what they start, get the software driver. */
export const webGpuIsMissing = lookForWebGpu();

function lookForWebGpu(): string | undefined {
	if (!isInstalled('webgpu') || !isInstalled(backendPackages.webgpu)) {
		return 'its packages are not there (npm run native -- --webgpu)';
	}

	const hasGpu = process.platform !== 'linux' || ['/dev/dri', '/dev/nvidia0'].some(device => existsSync(device));
	if (hasGpu || process.env.VK_ICD_FILENAMES !== undefined) {
		return undefined;
	}

	if (!existsSync(softwareDriver)) {
		return 'there is neither a GPU nor a software driver (Debian: apt-get install libvulkan1 chromium)';
	}

	process.env.VK_ICD_FILENAMES = softwareDriver;
	return undefined;
}

/** The backends whose numbers can be read at once: what is part of the project, and TensorFlow where `npm run native` built it. */
export const syncBackends: ReadonlyArray<Exclude<BackendName, 'tensorflow-gpu' | 'webgpu'>> = ['cpu', 'wasm', ...native];

/** The backends that a test can compare. */
export const testedBackends: ReadonlyArray<Exclude<BackendName, 'tensorflow-gpu'>> = [...syncBackends, ...(webGpuIsMissing === undefined ? ['webgpu'] as const : [])];
