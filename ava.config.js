/** @type {object} See AVA's docs/06-configuration.md. */
const config = {
	files: ['test/**/*.ts', '!test/helpers/**', '!test/fixtures/**', '!test/types/**', '!test/faults/**'],
	extensions: {ts: 'module'},
	nodeArguments: ['--import=tsx'],
	// Native addons and the tensor backends live in the process they were loaded in.
	workerThreads: false,
	timeout: '2m',
};

export default config;
