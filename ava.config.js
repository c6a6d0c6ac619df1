/** @type {object} See AVA's docs/06-configuration.md. */
const config = {
	files: ['test/**/*.ts', '!test/helpers/**', '!test/fixtures/**', '!test/types/**', '!test/faults/**'],
	extensions: {ts: 'module'},
	nodeArguments: ['--import=tsx'],
	// Native addons and the tensor backends live in the process they were loaded in.
	workerThreads: false,
	// What runs compute with does not depend on what else was built on this machine; tests of one backend name it.
	environmentVariables: {PIPELINE_BACKEND: 'wasm'},
	timeout: '2m',
};

export default config;
