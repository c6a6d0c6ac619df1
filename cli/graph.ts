import path from 'node:path';
import process from 'node:process';
import {UserError} from '../engine/error.ts';
import {draw} from './graph/drawing.ts';
import {toDot} from './graph/dot.ts';
import type {GraphFormat} from './graph/formats.ts';
import {toJson} from './graph/json.ts';
import {toMermaid} from './graph/mermaid.ts';
import {toSvg} from './graph/svg.ts';
import {openProject} from './open.ts';
import {writeOutput} from './output-file.ts';
import type {CommonOptions} from './main.ts';

type GraphOptions = CommonOptions & {readonly format?: GraphFormat; readonly to?: string; readonly all?: boolean};

/** Format by the ending of the file's name. */
const endings: Readonly<Record<string, GraphFormat>> = {'.svg': 'svg', '.mmd': 'mermaid', '.mermaid': 'mermaid', '.dot': 'dot', '.gv': 'dot', '.json': 'json'};

/** `pipeline graph [GOAL…]`. */
export async function graph(names: readonly string[], options: GraphOptions): Promise<number> {
	const format = formatOf(options);
	await using project = await openProject(options);
	const states = await project.plan(project.needed(project.find(names)));
	const drawing = draw(states, {isExpanded: options.all ?? false, root: project.loaded.root});
	const write = {svg: async () => toSvg(drawing), mermaid: () => toMermaid(drawing), dot: () => toDot(drawing), json: () => toJson(states)};
	const text = await write[format]();
	if (options.to === undefined) {
		process.stdout.write(text);
	} else {
		writeOutput(options.to, text);
	}

	return 0;
}

/** @throws {UserError} `format-unknown` when neither an option nor the file's name says it */
function formatOf({format, json, to}: GraphOptions): GraphFormat {
	if (format !== undefined || json) {
		return format ?? 'json';
	}

	if (to === undefined) {
		return 'mermaid';
	}

	const ending = path.extname(to).toLowerCase();
	if (!Object.hasOwn(endings, ending)) {
		throw new UserError('format-unknown', `The name "${to}" does not say what to draw`, {hint: `Let it end in ${Object.keys(endings).join(', ')}, or name one with --format.`});
	}

	return endings[ending]!;
}
