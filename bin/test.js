/** Lint and types, while packages that were missing are compiled, then the tests. */
import {buildPackages, fetchPackages, npm} from './packages.js';

await fetchPackages();
await Promise.all([buildPackages(), npm(['run', '--silent', 'lint']), npm(['run', '--silent', 'check'])]);
await npm(['run', '--silent', 'test:units']);
