import path from 'node:path';
import type {BuildOptions, BuildResult, Metafile, Plugin} from 'esbuild';
import {watchedFiles} from './bundle.cjs';
import {UserError} from './error.ts';

/** What was compiled before, and whether a file is as it was then. */
export type Earlier<Value> = {readonly value: Value; readonly isUnchanged: (file: string) => boolean};

/** The files among the inputs of a bundle. */
export function filesOf(root: string, inputs: readonly string[]): string[] {
	return watchedFiles(root, inputs.filter(input => input !== '<stdin>' && !input.includes(':')));
}

/** Without it, esbuild keeps imports that only types or cut declarations used. */
export const tsconfigRaw = {compilerOptions: {verbatimModuleSyntax: false, target: 'ES2022', useDefineForClassFields: true}} as const;

/** What esbuild wrote, by the name of the file. */
export type Bundled = {readonly texts: ReadonlyMap<string, string>; readonly metafile: Metafile};

/**
 * Compiles modules of a repository.
 * @throws {UserError} `code-invalid` with the places
 */
export async function bundle(root: string, options: BuildOptions, build = buildOnce): Promise<Bundled> {
	try {
		const {outputFiles = [], metafile} = await build({
			absWorkingDir: root,
			outdir: root,
			bundle: true,
			platform: 'node',
			format: 'esm',
			target: 'node20',
			minifyWhitespace: true,
			legalComments: 'none',
			sourceRoot: `${root}${path.sep}`,
			treeShaking: true,
			metafile: true,
			write: false,
			logLevel: 'silent',
			tsconfigRaw,
			...options,
		});
		return {texts: new Map(outputFiles.map(({path: file, text}) => [path.basename(file), text])), metafile: metafile!};
	} catch (error) {
		throw syntaxError(error);
	}
}

/** As `bundle` with a plugin that changes sources; what is wrong with them is told as they are, not as it left them. */
export async function bundleChanged(root: string, options: BuildOptions, {change, build}: {readonly change: Plugin; readonly build?: typeof buildOnce | undefined}): Promise<Bundled> {
	try {
		return await bundle(root, {...options, plugins: [change, ...options.plugins ?? []]}, build);
	} catch (error) {
		await bundle(root, options);
		throw error;
	}
}

async function buildOnce(options: BuildOptions): Promise<BuildResult> {
	const {build} = await import('esbuild');
	return build(options);
}

type EsbuildFailure = {errors: Array<{text: string; location: {file: string; line: number; column: number; lineText: string} | null}>};

/** What esbuild refuses, in words. */
function syntaxError(error: unknown): unknown {
	const {errors} = error as Partial<EsbuildFailure>;
	if (!errors) {
		return error;
	}

	const lines = errors.map(({text, location}) => (location ? `${location.file}:${location.line}:${location.column + 1}: ${text}\n    ${location.lineText.trim()}` : text));
	const waits = errors.some(({text}) => text.startsWith('Top-level await'));
	return new UserError('code-invalid', `The pipeline's code does not compile:\n  ${lines.join('\n  ')}`, waits ? {hint: 'A pipeline is loaded for planning, which waits for nothing. Wait in the function of the stage.'} : {});
}
