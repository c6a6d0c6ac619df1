import type {BuildContext, BuildOptions, BuildResult} from 'esbuild';

/** Builds that are made again whenever a file changes: esbuild keeps what it parsed of the others, which is nearly everything. */
export class KeptBuilds implements AsyncDisposable {
	readonly #contexts = new Map<string, BuildContext>();

	/**
	 * As esbuild's `build`.
	 * @param name the same for the same options; their plugins must keep nothing from one build to the next
	 */
	async build(name: string, options: BuildOptions): Promise<BuildResult> {
		const known = this.#contexts.get(name);
		if (known) {
			return known.rebuild();
		}

		const {context} = await import('esbuild');
		const made = await context(options);
		this.#contexts.set(name, made);
		return made.rebuild();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await Promise.all([...this.#contexts.values()].map(async context => context.dispose()));
	}
}
