/** Installs the npm packages when they are missing or older than the lock file; does nothing otherwise. */
import {buildPackages, fetchPackages} from './packages.js';

await fetchPackages();
await buildPackages();
