import type {Profile} from './profile.ts';

/** What `torch_steps.py` measured: precision → step → milliseconds. */
export type TorchResult = {readonly torch: string; readonly device: string; readonly milliseconds: Readonly<Record<string, Readonly<Record<string, number>>>>};

export type GpuResult = {
	readonly backend: string;
	readonly device: string | undefined;
	readonly measured: Readonly<Record<string, Profile>>;
	readonly torch: TorchResult | undefined;
};

/** The result as text. */
export function report({backend, device, measured, torch}: GpuResult): string {
	const lines = [`${backend} on ${device ?? 'this machine'}; ${torch ? `PyTorch ${torch.torch} on ${torch.device}` : 'PyTorch was not measured'}`];
	for (const [step, profile] of Object.entries(measured)) {
		const others = Object.entries(torch?.milliseconds ?? {}).map(([precision, times]) => `PyTorch ${precision} ${times[step]!.toFixed(1)} ms (${(profile.wallMs / times[step]!).toFixed(2)}×)`);
		lines.push('', [`${step} step`, `${backend} ${profile.wallMs.toFixed(1)} ms`, ...others].join('   '), `  ${limitOf(profile)}`);
		for (const {name, count, ms} of profile.programs ?? []) {
			lines.push(`  ${ms.toFixed(1).padStart(9)} ms  ${String(count).padStart(5)} × ${name}`);
		}
	}

	return `${lines.join('\n')}\n`;
}

/** What most of the time is spent on. */
export function limitOf({wallMs, kernelMs, count}: Profile): string {
	if (kernelMs === undefined) {
		return 'this backend does not tell where the time goes';
	}

	if (kernelMs === 0) {
		return `${count} programs; the device does not time them`;
	}

	const share = Math.round(100 * Math.min(1, kernelMs / wallMs));
	return `${count} programs, at work for ${kernelMs.toFixed(1)} ms: ${share} % of the step; ${share < 50 ? 'starting them from JavaScript limits it' : 'the programs themselves limit it'}`;
}
