/** Lint, types and tests side by side; the tests begin once packages that were missing are compiled. */
import {buildPackages, fetchPackages, npm} from './packages.js';

/** @param {string} name of a script in package.json */
const script = async name => npm(['run', '--silent', name]);

await fetchPackages();
await Promise.all([script('lint'), script('check'), buildPackages().then(async () => script('test:units'))]);
