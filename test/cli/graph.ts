import {readFileSync} from 'node:fs';
import path from 'node:path';
import test from 'ava';
import {instance} from '@viz-js/viz';
import type {Drawing} from '../../cli/graph/drawing.ts';
import {toMermaid} from '../../cli/graph/mermaid.ts';
import {toSvg} from '../../cli/graph/svg.ts';
import {pipeline} from '../helpers/cli.ts';
import {makeRig} from '../helpers/rig.ts';

/** Without what differs from run to run. */
const timeless = (text: string) => text.replaceAll(/[\d.]+ s\b/g, 'A WHILE');

const classes = {
	fresh: '\tclassDef fresh fill:#dafbe1,stroke:#1a7f37,color:#1f2328',
	stale: '\tclassDef stale fill:#ffe8b3,stroke:#9a6700,color:#1f2328',
	waiting: '\tclassDef waiting fill:#eff1f3,stroke:#6e7781,color:#1f2328,stroke-dasharray:4',
};

test('the variants of a node are one box with its counts, in Mermaid when nothing else is said', async t => {
	using rig = await makeRig();
	await rig.run();
	const {stdout, exitCode} = await pipeline(rig, ['graph', '--set', 'scaled.factor=3']);
	t.is(exitCode, 0);
	t.is(timeless(stdout), [
		'flowchart TD',
		'\tn1["<b>numbers</b><br/>fresh · A WHILE"]:::fresh',
		'\tn2["<b>scaled</b><br/>2 variants: 1 fresh, 1 stale · A WHILE<br/>params.factor 1 → 3"]:::stale',
		'\tn3["<b>total</b><br/>waiting"]:::waiting',
		'\tn1 --> n2',
		'\tn2 --> n3',
		classes.fresh,
		classes.stale,
		classes.waiting,
	].join('\n'));
});

test('--all draws every node, those of one variant together', async t => {
	using rig = await makeRig();
	await rig.run();
	rig.edit('scaled.ts', 'value * factor)', 'value * factor + 0)');
	const {stdout} = await pipeline(rig, ['graph', '--all', '--format', 'mermaid']);
	t.is(timeless(stdout), [
		'flowchart TD',
		'\tn1["<b>numbers</b><br/>fresh · A WHILE"]:::fresh',
		'\tn4["<b>total</b><br/>waiting"]:::waiting',
		'\tsubgraph v1["variant single"]',
		'\t\tn2["<b>scaled@single</b><br/>stale<br/>code changed: scaled.run in scaled.ts"]:::stale',
		'\tend',
		'\tstyle v1 fill:#ffffff,stroke:#57606a,color:#1f2328',
		'\tsubgraph v2["variant double"]',
		'\t\tn3["<b>scaled@double</b><br/>stale<br/>code changed: scaled.run in scaled.ts"]:::stale',
		'\tend',
		'\tstyle v2 fill:#ffffff,stroke:#57606a,color:#1f2328',
		'\tn1 --> n2',
		'\tn1 --> n3',
		'\tn2 --> n4',
		'\tn3 --> n4',
		classes.fresh,
		classes.stale,
		classes.waiting,
	].join('\n'));
});

test('DOT is what Graphviz reads, and a goal leaves out what it does not need', async t => {
	using rig = await makeRig();
	await rig.run({goals: ['numbers']});
	const {stdout} = await pipeline(rig, ['graph', 'scaled@single', '--format', 'dot']);
	t.is(timeless(stdout).split('\n').slice(4).join('\n'), [
		'\tn1 [label=<<b>numbers</b><br/><font point-size="10">fresh · A WHILE</font>>, style="filled,rounded", fillcolor="#dafbe1", color="#1a7f37", penwidth=1, tooltip="numbers, fresh · A WHILE"]',
		'\tn2 [label=<<b>scaled@single</b><br/><font point-size="10">stale</font><br/><font point-size="10">never ran</font>>, style="filled,rounded", fillcolor="#ffe8b3", color="#9a6700", penwidth=2, tooltip="scaled@single, stale, never ran"]',
		'\tn1 -> n2',
		'}',
	].join('\n'));
	t.regex((await instance()).renderString(stdout, {format: 'plain'}), /^node n2 /m);
});

test('--to writes the format that the name of the file says', async t => {
	using rig = await makeRig();
	for (const [file, beginning] of [['a.svg', '<?xml'], ['a.mmd', 'flowchart TD\n'], ['a.gv', 'digraph pipeline {\n'], ['a.json', '{"nodes":[{"node":"numbers",']] as const) {
		const {stdout, stderr} = await pipeline(rig, ['graph', '--to', file]);
		t.is(`${stdout}${stderr}`, '');
		t.true(readFileSync(path.join(rig.folder, file), 'utf8').startsWith(beginning));
	}

	const refused = await pipeline(rig, ['graph', '--to', 'a.png']);
	t.is(refused.stderr, 'error The name "a.png" does not say what to draw\nLet it end in .svg, .mmd, .mermaid, .dot, .gv, .json, or name one with --format.');
	t.is(refused.exitCode, 2);
});

test('--json is every node and every input as data', async t => {
	using rig = await makeRig();
	await rig.run({goals: ['numbers']});
	const {stdout} = await pipeline(rig, ['graph', '--json']);
	t.deepEqual(JSON.parse(stdout.replace(/"durationMs":[\d.]+/, '"durationMs":0')), {
		nodes: [
			{node: 'numbers', stage: 'numbers', variants: ['single', 'double'], state: 'fresh', durationMs: 0},
			{node: 'scaled@single', stage: 'scaled', variants: ['single'], state: 'stale', why: 'never ran'},
			{node: 'scaled@double', stage: 'scaled', variants: ['double'], state: 'stale', why: 'never ran'},
			{node: 'total', stage: 'total', variants: [], state: 'waiting'},
		],
		inputs: [
			{node: 'scaled@single', input: 'values', from: 'numbers', output: 'values'},
			{node: 'scaled@double', input: 'values', from: 'numbers', output: 'values'},
			{node: 'total', input: 'products.single', from: 'scaled@single', output: 'products'},
			{node: 'total', input: 'products.double', from: 'scaled@double', output: 'products'},
		],
	});
});

const hostile = '"><script>alert(1)</script>\n\\N `x` #quot; ]] --> end & \u0007';

const drawing: Drawing = {
	boxes: [
		{id: 'n1', title: hostile, lines: [hostile], state: 'stale', variant: hostile},
		{id: 'n2', title: 'b', lines: ['waiting'], state: 'waiting', variant: undefined},
	],
	arrows: [{from: 'n1', to: 'n2', labels: [hostile]}],
};

test('names and reasons cannot break out of a picture', async t => {
	const svg = await toSvg(drawing);
	t.false(svg.includes('<script'));
	const shown = '"&gt;&lt;script&gt;alert(1)&lt;/script&gt;\\x0a\\N `x` #quot; ]] --&gt; end &amp; \\x07';
	const texts = [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!.replaceAll('&#45;', '-').replaceAll('&quot;', '"').replaceAll('&#160;', ' '));
	t.deepEqual(texts, [`variant ${shown}`, shown, shown, 'b', 'waiting', shown]);
});

test('names and reasons cannot break out of Mermaid text', t => {
	const escaped = '#34;#62;#60;script#62;alert(1)#60;/script#62;#10;#92;N #96;x#96; #35;quot#59; #93;#93; --#62; end #38; #7;';
	t.deepEqual(toMermaid(drawing).split('\n').slice(1, 7), [
		`\tsubgraph v0["variant ${escaped}"]`,
		`\t\tn1["<b>${escaped}</b><br/>${escaped}"]:::stale`,
		'\tend',
		'\tstyle v0 fill:#ffffff,stroke:#57606a,color:#1f2328',
		'\tn2["<b>b</b><br/>waiting"]:::waiting',
		`\tn1 -->|"${escaped}"| n2`,
	]);
});

test('a picture has a background of its own and reads well without the first choice of fonts', async t => {
	const svg = await toSvg(drawing);
	t.regex(svg, /<polygon fill="#f{6}" stroke="none" points="[^"]*"\/>/);
	t.regex(svg, /font-family="Helvetica, Arial, 'Liberation Sans', 'Nimbus Sans', sans-serif"/);
	t.false(svg.includes('sans-Serif'));
});

test('a picture of too many boxes is refused with what to do', async t => {
	const boxes = Array.from({length: 3001}, (_, index) => ({id: `n${index}`, title: 'x', lines: [], state: 'fresh' as const, variant: undefined}));
	await t.throwsAsync(toSvg({boxes, arrows: []}), {message: 'A picture of 3001 boxes would take very long'});
});
