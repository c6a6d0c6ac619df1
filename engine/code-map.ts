import {createRequire, SourceMap, type SourceMapping} from 'node:module';
import type * as Acorn from 'acorn';
import {digestText} from './digest.ts';

/**
 * What a stage's code consists of: repository file → declaration → short digest of its printed code. Declarations are what a file
 * declares at its top, such as `poincareLoss`; the methods of its objects and classes stand by themselves, as in `selection.run`.
 */
export type CodeMap = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What became of the declarations of one file; every list is sorted, and one of them is not empty. */
export type FileChange = {
	readonly file: string;
	readonly changed: readonly string[];
	readonly added: readonly string[];
	readonly removed: readonly string[];
};

/** The name of all statements of a file that declare nothing. */
export const statements = '(top-level statements)';

type SyntaxNode = {readonly type: string; readonly start: number; readonly end: number; readonly loc: Acorn.SourceLocation; readonly [key: string]: unknown};
type Edit = {readonly start: number; readonly end: number; readonly text: string};

/** A piece of a bundle that stands by itself; `parts` are cut out of it, because they are pieces of their own. */
type Piece = {readonly name: string; readonly node: SyntaxNode; readonly named: SyntaxNode | undefined; readonly parts: readonly SyntaxNode[]};

/**
 * Takes a bundle apart. Names that the compiler had to change because two modules use the same one count as what they are in the
 * source, so that a new helper elsewhere changes nothing here.
 * @param code a bundle as esbuild prints it
 * @param sourceMap JSON text of its source map
 */
export function mapCode(code: string, sourceMap: string): CodeMap {
	// Loaded here, and not awaited, because the reason for a run is put into words between two events.
	const {parse} = createRequire(import.meta.url)('acorn') as typeof Acorn;
	const program = parse(code, {ecmaVersion: 'latest', sourceType: 'module', locations: true}) as unknown as SyntaxNode;
	const sources = new Sources(sourceMap);
	const edits = renamesIn(program, sources);
	const map: Record<string, Record<string, string>> = {};
	for (const piece of (program.body as SyntaxNode[]).flatMap(statement => piecesOf(statement, sources))) {
		const file = sources.fileOf(piece);
		if (file !== undefined) {
			const text = print(code, piece.node, [...edits, ...piece.parts.map(({start, end}) => ({start, end, text: ''}))]);
			map[file] ??= {};
			map[file][piece.name] = digestText(`${map[file][piece.name] ?? ''}${text}`).slice(0, 16);
		}
	}

	return map;
}

/** What differs between two maps, file by file. A declaration that moved to another file unchanged is no difference. */
export function codeChanges(before: CodeMap, now: CodeMap): readonly FileChange[] {
	const hasMoved = (file: string, name: string, from: CodeMap, to: CodeMap) => Object.entries(to).some(([other, declarations]) =>
		declarations[name] === from[file]![name] && from[other]?.[name] === undefined);
	const files = [...new Set([...Object.keys(before), ...Object.keys(now)])].toSorted();
	return files.map(file => {
		const [old, current] = [before[file] ?? {}, now[file] ?? {}];
		return {
			file,
			changed: Object.keys(old).filter(name => current[name] !== undefined && current[name] !== old[name]).toSorted(),
			added: Object.keys(current).filter(name => old[name] === undefined && !hasMoved(file, name, now, before)).toSorted(),
			removed: Object.keys(old).filter(name => current[name] === undefined && !hasMoved(file, name, before, now)).toSorted(),
		};
	}).filter(({changed, added, removed}) => changed.length + added.length + removed.length > 0);
}

/** Where the pieces of a bundle come from. */
class Sources {
	readonly #map: SourceMap;

	constructor(sourceMap: string) {
		this.#map = new SourceMap(JSON.parse(sourceMap) as ConstructorParameters<typeof SourceMap>[0]);
	}

	/** The name an identifier has in the source, where the compiler gave it another. */
	originalName({name, loc: {start}}: SyntaxNode): string | undefined {
		// The compiler renames by appending a number.
		if (!/\d$/.test(String(name))) {
			return undefined;
		}

		const entry = this.#entryAt(start);
		return entry?.generatedLine === start.line - 1 && entry.generatedColumn === start.column ? entry.name : undefined;
	}

	/** Nothing for what the compiler itself added. */
	fileOf({node, named}: Piece): string | undefined {
		const {start, end} = node.loc;
		const isInside = ({generatedLine: line, generatedColumn: column}: SourceMapping) => line + 1 > start.line || (line + 1 === start.line && column >= start.column);
		return [named?.loc.start, {line: end.line, column: end.column - 1}].map(position => position && this.#entryAt(position)).find(entry => entry && isInside(entry))?.originalSource;
	}

	/** The last mapping that is not behind a position. */
	#entryAt({line, column}: Acorn.Position): (SourceMapping & {readonly name?: string}) | undefined {
		const entry = this.#map.findEntry(line - 1, column);
		return 'originalSource' in entry ? entry : undefined;
	}
}

function piecesOf(statement: SyntaxNode, sources: Sources): readonly Piece[] {
	switch (statement.type) {
		case 'FunctionDeclaration':
		case 'ClassDeclaration': {
			return declared(statement, statement.id as SyntaxNode, statement.body as SyntaxNode, sources);
		}

		case 'VariableDeclaration': {
			return (statement.declarations as SyntaxNode[]).flatMap(declarator => variablePieces(declarator, sources));
		}

		case 'ImportDeclaration': {
			return [{name: `import ${JSON.stringify((statement.source as SyntaxNode).value)}`, node: statement, named: undefined, parts: []}];
		}

		case 'ExportNamedDeclaration': {
			// The bundle's own list of exports, always the stage.
			return [];
		}

		default: {
			return [{name: statements, node: statement, named: undefined, parts: []}];
		}
	}
}

function variablePieces(declarator: SyntaxNode, sources: Sources): readonly Piece[] {
	const init = declarator.init as SyntaxNode | null;
	const lazy = init ? lazyStatements(init) : undefined;
	if (lazy) {
		return lazy.flatMap(statement => assignmentPieces(statement, sources));
	}

	// The value comes later: from a lazy module or from a function that counts by itself.
	return init ? declared(declarator, declarator.id as SyntaxNode, init, sources) : [];
}

/** The statements of a module that is imported by `import()`: the compiler declares its variables first and sets them in a function. */
function lazyStatements(init: SyntaxNode): readonly SyntaxNode[] | undefined {
	if (init.type !== 'CallExpression' || (init.callee as SyntaxNode).name !== '__esm') {
		return undefined;
	}

	const [modules] = init.arguments as SyntaxNode[];
	return (modules!.properties as SyntaxNode[]).flatMap(({value}) => ((value as SyntaxNode).body as SyntaxNode).body as SyntaxNode[]);
}

function assignmentPieces(statement: SyntaxNode, sources: Sources): readonly Piece[] {
	const {type, left, right} = (statement.expression ?? statement) as SyntaxNode;
	return type === 'AssignmentExpression' ? declared(statement, left as SyntaxNode, right as SyntaxNode, sources) : piecesOf(statement, sources);
}

/** A declaration and, each by itself, the methods of the object, the arguments or the class it is made with. */
function declared(node: SyntaxNode, id: SyntaxNode, value: SyntaxNode | null, sources: Sources): readonly Piece[] {
	const name = [...new Set(boundNames(id, sources))].join(', ');
	const methods = value ? methodsOf(value) : [];
	return [
		{name, node, named: id, parts: methods.map(({method}) => method)},
		...methods.map(({method, key}) => ({name: `${name}.${key}`, node: method, named: method, parts: []})),
	];
}

function methodsOf(value: SyntaxNode): ReadonlyArray<{readonly method: SyntaxNode; readonly key: string}> {
	switch (value.type) {
		case 'ClassBody': {
			return (value.body as SyntaxNode[]).filter(({type}) => type === 'MethodDefinition').flatMap(method => named(method));
		}

		case 'ClassExpression': {
			return methodsOf(value.body as SyntaxNode);
		}

		case 'ObjectExpression': {
			return (value.properties as SyntaxNode[]).filter(({value}) => /^(Arrow)?Function/.test((value as SyntaxNode | undefined)?.type ?? '')).flatMap(method => named(method));
		}

		case 'CallExpression': {
			return (value.arguments as SyntaxNode[]).filter(({type}) => type === 'ObjectExpression').flatMap(argument => methodsOf(argument));
		}

		default: {
			return [];
		}
	}
}

function named(method: SyntaxNode): ReadonlyArray<{readonly method: SyntaxNode; readonly key: string}> {
	const {name, value} = method.key as SyntaxNode;
	return method.computed ? [] : [{method, key: String(name ?? value)}];
}

/** What a name or a pattern such as `{a, b: [c]}` declares. */
function boundNames(node: SyntaxNode, sources: Sources): readonly string[] {
	switch (node.type) {
		case 'Identifier': {
			return [sources.originalName(node) ?? String(node.name)];
		}

		case 'Property':
		case 'AssignmentPattern': {
			return boundNames((node.value ?? node.left) as SyntaxNode, sources);
		}

		default: {
			return childrenOf(node).flatMap(child => boundNames(child, sources));
		}
	}
}

/** Edits that give renamed identifiers their names back; sorted, none overlaps another. */
function renamesIn(program: SyntaxNode, sources: Sources): readonly Edit[] {
	const edits: Edit[] = [];
	const visit = (node: SyntaxNode): void => {
		if (node.type === 'Identifier' || node.type === 'PrivateIdentifier') {
			const original = sources.originalName(node);
			if (original !== undefined) {
				edits.push({start: node.start, end: node.end, text: original});
			}
		}

		const children = childrenOf(node);
		for (const child of children) {
			visit(child);
		}

		// `{size: size2}` was `{size}` before the compiler renamed the variable.
		if (node.type === 'Property' && !node.shorthand && !node.computed) {
			const {key, value} = node as SyntaxNode & {readonly key: SyntaxNode; readonly value: SyntaxNode};
			const target = value.type === 'AssignmentPattern' ? value.left as SyntaxNode : value;
			if (target.type === 'Identifier' && key.name !== undefined && sources.originalName(target) === key.name) {
				edits.push({start: key.start, end: target.start, text: ''});
			}
		}
	};

	visit(program);
	return edits;
}

function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
	return Object.values(node).flat().filter((child): child is SyntaxNode => typeof child === 'object' && child !== null && 'type' in child);
}

/** The code of a node with the edits that lie inside it. */
function print(code: string, {start, end}: SyntaxNode, edits: readonly Edit[]): string {
	let text = '';
	let at = start;
	for (const edit of edits.filter(edit => edit.start >= start && edit.end <= end).toSorted((a, b) => a.start - b.start || b.end - a.end)) {
		// What lies inside a part that was cut out is printed with that part.
		if (edit.start >= at) {
			text += code.slice(at, edit.start) + edit.text;
			at = edit.end;
		}
	}

	return text + code.slice(at, end);
}
