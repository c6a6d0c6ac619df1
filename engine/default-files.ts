import path from 'node:path';

/** Where a project's files are unless the command line says otherwise. */
export function defaultFiles(folder: string): {readonly pipelineFile: string; readonly paramsFile: string; readonly cacheFolder: string; readonly reportsFolder: string} {
	return {
		pipelineFile: path.join(folder, 'pipeline.ts'),
		paramsFile: path.join(folder, 'params.json'),
		cacheFolder: path.join(folder, 'cache'),
		reportsFolder: path.join(folder, 'reports'),
	};
}
