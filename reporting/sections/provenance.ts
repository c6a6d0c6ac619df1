import {html, type Html, type HtmlValue} from '../html.ts';
import type {Provenance} from '../report.ts';

/** Seed, backend, params, and the artifact behind every number with the command that shows it. */
export function provenanceSection({seed, params, backend, commit, inputs}: Provenance): Html {
	return html`
		${factList([['seed', seed], ['backend', backend], ...(commit === undefined ? [] : [['commit', html`<code>${commit}</code>`] as const])])}
		<details><summary>Params of the run</summary><pre tabindex="0"><code>${JSON.stringify(params, undefined, 2) ?? ''}</code></pre></details>
		<div class="scroll" tabindex="0" role="region" aria-label="Artifacts behind this page"><table class="inputs">
		<caption><span>Artifacts behind this page</span></caption>
		<thead><tr><th scope="col" class="text">variant</th><th scope="col" class="text">artifact</th><th scope="col" class="text">show it with</th></tr></thead>
		<tbody>${inputs.map(({variant, artifact, digest}) => html`
			<tr><th scope="row"><bdi>${variant}</bdi></th><td class="text">${artifact}</td><td class="text"><code>pipeline show ${digest}</code></td></tr>
		`)}
		</tbody></table></div>
	`;
}

/** Names and values side by side. */
export function factList(facts: ReadonlyArray<readonly [name: string, value: HtmlValue]>): Html {
	return html`<dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}
