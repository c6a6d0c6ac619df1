/** @type {import('xo').FlatXoConfig} */
export default [
	{
		ignores: ['cache/**', 'reports/**', 'test/fixtures/rig-*/**'],
	},
	{
		rules: {
			// `params` is the project's word for the numbers in params.json.
			'unicorn/prevent-abbreviations': 'off',
			// `undefined` means "absent" throughout; `null` only where JSON or a library says so.
			'@typescript-eslint/no-restricted-types': 'off',
			// Files import with the extension they have on disk, as Node resolves them.
			'import-x/extensions': 'off',
			'n/file-extension-in-import': 'off',
			// Steps of a training run depend on the one before.
			'no-await-in-loop': 'off',
		},
	},
];
