/** @type {import('xo').FlatXoConfig} */
export default [
	{
		ignores: ['cache/**', 'reports/**', 'test/fixtures/rig-*/**', 'examples/rig-*/**'],
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
			// TypeBox names its builders with capitals: `Type.Integer(…)`.
			'new-cap': ['error', {capIsNew: false}],
			// Destructuring on one line reads better than one name per line.
			'@stylistic/object-curly-newline': 'off',
			'@stylistic/max-len': 'off',
			// Parameter properties are not erasable syntax.
			'@typescript-eslint/parameter-properties': 'off',
			// Factories stand beside their constructor, fields beside the code that explains them.
			'@typescript-eslint/member-ordering': 'off',
			// File names and key paths are property names here; other names are reviewed by people.
			'@typescript-eslint/naming-convention': 'off',
			// Mistakes `find` of a project for that of an array.
			'unicorn/no-array-callback-reference': 'off',
			'unicorn/no-await-expression-member': 'off',
			// Its fix turns `tf.concat(…)` and copies of typed arrays into spreads, which do something else.
			'unicorn/prefer-spread': 'off',
			// Random numbers and byte formats are made of bits.
			'no-bitwise': 'off',
			// Steps of a training run depend on the one before.
			'no-await-in-loop': 'off',
		},
	},
	{
		files: ['**/*.ts'],
		rules: {
			'@typescript-eslint/switch-exhaustiveness-check': ['error', {considerDefaultExhaustiveForUnions: true}],
		},
	},
	{
		files: ['bin/**', 'cli/**', 'bench/**'],
		rules: {
			'unicorn/no-process-exit': 'off',
		},
	},
];
