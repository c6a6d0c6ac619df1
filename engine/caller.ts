import {findSourceMap} from 'node:module';

/** A place in code that called something. */
export type Caller = {
	/** URL of the module, as Node loaded it; a path for CommonJS. */
	readonly module: string;
	/** Counted from one. */
	readonly line: number;
	readonly column: number;
};

/** What V8 takes to cut a stack: frames above and including this function are left out. */
export type Below = NonNullable<Parameters<typeof Error.captureStackTrace>[1]>;

/** Deep enough for whatever Node's own functions call in between. */
const depth = 40;

/** Who called a function, nearest first. Code without a file, such as `Array.map`, is left out, and so is what merely awaits. */
export function callersOf(below: Below, limit = depth): readonly Caller[] {
	const {prepareStackTrace, stackTraceLimit} = Error;
	const holder: {stack?: readonly NodeJS.CallSite[]} = {};
	try {
		Error.stackTraceLimit = limit;
		Error.prepareStackTrace = (_, sites) => sites;
		Error.captureStackTrace(holder, below);
		return (holder.stack ?? []).flatMap(site => {
			const module = site.getFileName();
			return module && !site.isAsync() ? [{module, line: site.getLineNumber() ?? 1, column: site.getColumnNumber() ?? 1}] : [];
		});
	} finally {
		Error.prepareStackTrace = prepareStackTrace;
		Error.stackTraceLimit = stackTraceLimit;
	}
}

/** The same place in the source that a module was compiled from, where its source map is known. */
export function sourceOf({module, line, column}: Caller): Caller {
	const entry = findSourceMap(module)?.findEntry(line - 1, column - 1);
	return entry && 'originalSource' in entry ? {module: entry.originalSource, line: entry.originalLine + 1, column: entry.originalColumn + 1} : {module, line, column};
}
