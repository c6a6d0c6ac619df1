/** The process that checks the types of a pipeline, again and again, looking only at what changed. Arguments: pipeline, tsconfig.json, TypeScript. */
import {createRequire} from 'node:module';
import path from 'node:path';
import process from 'node:process';
import type ts from 'typescript';
import {stampOf} from './bundle.cjs';

export type CheckRequest = {readonly id: number};
export type CheckReply = {readonly id: number; readonly errors: readonly string[]};

const [pipelineFile, configFile, library] = process.argv.slice(2) as [string, string, string];
const compiler = createRequire(library)(library) as typeof ts;
const sources = new Map<string, {readonly stamp: string; readonly source: ts.SourceFile | undefined}>();
let program: ts.SemanticDiagnosticsBuilderProgram | undefined;

process.on('message', ({id}: CheckRequest) => {
	const reply: CheckReply = {id, errors: check()};
	process.send?.(reply, undefined, undefined, () => undefined);
});
process.on('disconnect', () => {
	process.exit();
});

/** @returns one text per error */
function check(): readonly string[] {
	const options = readOptions();
	const host = compiler.createIncrementalCompilerHost(options);
	const read = host.getSourceFile.bind(host);
	host.getSourceFile = (file, ...rest) => {
		const stamp = stampOf(file);
		const known = sources.get(file);
		if (known?.stamp === stamp) {
			return known.source;
		}

		const source = read(file, ...rest);
		sources.set(file, {stamp, source});
		return source;
	};

	program = compiler.createSemanticDiagnosticsBuilderProgram([pipelineFile], options, host, program);
	const found = [...program.getOptionsDiagnostics(), ...program.getGlobalDiagnostics(), ...program.getSyntacticDiagnostics(), ...program.getSemanticDiagnostics()];
	return found.filter(({category}) => category === compiler.DiagnosticCategory.Error).map(diagnostic => textOf(diagnostic));
}

/** Only the options: what is checked is the pipeline and what it imports. */
function readOptions(): ts.CompilerOptions {
	const {config = {}} = compiler.readConfigFile(configFile, compiler.sys.readFile) as {readonly config?: object};
	const host = {...compiler.sys, readDirectory: () => []};
	return compiler.parseJsonConfigFileContent(config, host, path.dirname(configFile), {noEmit: true}).options;
}

function textOf({file, start = 0, messageText}: ts.Diagnostic): string {
	const text = compiler.flattenDiagnosticMessageText(messageText, '\n');
	if (!file) {
		return text;
	}

	const {line, character} = file.getLineAndCharacterOfPosition(start);
	const name = path.relative(path.dirname(pipelineFile), file.fileName);
	return `${name}:${line + 1}:${character + 1}: ${text}\n    ${file.text.split('\n')[line]?.trim()}`;
}
