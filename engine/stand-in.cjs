/** Plain CommonJS, as `bundle.cjs` is. */
'use strict';

/**
 * Source of a module that stands for another one, and loads it when one of its exports is first used.
 * @param {string} load expression that gives the exports
 */
function standInFor(load) {
	return `
		let loaded;
		const load = () => loaded ??= ${load};
		// Importers copy the own keys, of which there are none, and keep the prototype, which is this very proxy.
		const standIn = new Proxy({}, {
			get: (_, name) => name === '__esModule' ? true : load()[name],
			has: (_, name) => name in load(),
			getPrototypeOf: () => standIn,
		});
		module.exports = standIn;`;
}

module.exports = {standInFor};
