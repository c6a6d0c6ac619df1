import {palette} from './variant-look.ts';

const variables = (theme: 0 | 1) => Object.entries(palette).map(([name, colours]) => `--${name}: ${colours[theme]};`).join(' ');

/** The page's style sheet: light and dark, narrow and wide, screen and paper. Text and marks have a contrast of at least 4.5. */
export const styles = `
:root {
	color-scheme: light dark;
	--page: #ffffff; --panel: #f6f7f9; --text: #1b2330; --quiet: #566072; --rule: #d6dae1;
	--stronger: #b42318; --weaker: #1a5fb4;
	${variables(0)}
}
@media (prefers-color-scheme: dark) {
	:root {
		--page: #12161d; --panel: #1b212b; --text: #e6e9ef; --quiet: #a3adbd; --rule: #343d4b;
		--stronger: #ff9a85; --weaker: #86b7ff;
		${variables(1)}
	}
}
* { box-sizing: border-box; }
html { background: var(--page); color: var(--text); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", sans-serif; text-size-adjust: 100%; }
body { margin: 0 auto; max-width: 1160px; padding: 32px 24px 64px; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .5rem; letter-spacing: -.015em; text-wrap: balance; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.75rem 0 .75rem; padding-top: .75rem; border-top: 1px solid var(--rule); }
h3 { font-size: 1rem; margin: 0; }
section > h3 { margin: 1.5rem 0 .5rem; }
p { margin: .5rem 0; max-width: 75ch; }
a { color: var(--weaker); }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .85em; }
.question { font-size: 1.1rem; color: var(--quiet); margin-bottom: 1.25rem; }
.note, .quiet, small { color: var(--quiet); }
.note { font-size: .875rem; }
small, .quiet { font-weight: 400; }
sub { line-height: 0; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.facts { display: flex; flex-wrap: wrap; gap: .35rem 1.75rem; margin: 0 0 1rem; font-size: .9rem; }
.facts div { display: flex; gap: .4rem; }
.facts dt { color: var(--quiet); }
.facts dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }

.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 300px), 1fr)); gap: 16px; }
.card { background: var(--panel); border: 1px solid var(--rule); border-radius: 8px; padding: 14px 18px; }
.card p { margin: .25rem 0 0; font-size: .9rem; }
.card .headline { font-size: 1.2rem; font-variant-numeric: tabular-nums; }

.scroll { position: relative; overflow-x: auto; margin: 1rem 0 .5rem; }
.tall { max-height: 92vh; overflow-y: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
.results { width: 100%; }
caption { text-align: left; font-weight: 600; padding: 0 0 .4rem; }
caption span { display: inline-block; position: sticky; left: 0; max-width: min(100%, 90vw); }
th, td { padding: 6px 10px; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--rule); }
thead th { border-bottom: 2px solid var(--rule); font-weight: 600; vertical-align: bottom; }
th[scope="row"], th[scope="rowgroup"], .text { text-align: left; }
th[scope="row"], th[scope="rowgroup"] { font-weight: 500; }
tbody bdi { display: inline-block; max-width: 32ch; overflow: hidden; text-overflow: ellipsis; vertical-align: bottom; }
.effects th[scope="rowgroup"] { vertical-align: top; }
.effects tbody + tbody { border-top: 2px solid var(--rule); }
.results tbody th { position: sticky; left: 0; background: var(--page); }
.baseline, .results .baseline th { background: var(--panel); }
.stronger { color: var(--stronger); }
.weaker { color: var(--weaker); }
.mark { display: inline-block; width: 1.3em; text-align: center; font-size: .75em; }
.swatch { margin-right: 8px; vertical-align: middle; overflow: visible; }

.sheet { margin: 1rem 0 .5rem; }
.sheet table { font-size: .875rem; }
.sheet th, .sheet td { padding: 7px 6px; vertical-align: top; }
.sheet thead th { position: sticky; top: 0; z-index: 2; background: var(--page); vertical-align: bottom; border: 0; box-shadow: inset 0 -2px var(--rule); }
.sheet thead th:first-child { left: 0; z-index: 3; }
.sheet tbody th { position: sticky; left: 0; z-index: 1; background: var(--page); width: 102px; max-width: 102px; white-space: normal; overflow-wrap: anywhere; }
.sheet img { display: block; max-width: none; }
.pixels { image-rendering: pixelated; }

.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; list-style: none; margin: .5rem 0; padding: 0; font-size: .9rem; }
.figures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 310px), 1fr)); gap: 20px 24px; }
figure { margin: 0; }
figcaption { font-size: .9rem; font-weight: 600; }
.figure { display: block; width: 100%; height: auto; max-width: 460px; }
.figures.two { grid-template-columns: repeat(auto-fill, minmax(min(100%, 480px), 1fr)); }
.two .figure { max-width: 600px; }
.wide .figure { max-width: 900px; }
.figure text { white-space: pre; font-size: 11px; }

details { margin: 1rem 0; }
summary { cursor: pointer; font-weight: 600; }
pre { background: var(--panel); border: 1px solid var(--rule); border-radius: 8px; padding: 14px; overflow: auto; max-height: 70vh; }
:focus-visible { outline: 2px solid var(--weaker); outline-offset: 2px; }

@media (max-width: 1180px) {
	.sheet { overflow: auto; max-height: 92vh; }
}
@media (max-width: 600px) {
	body { padding: 20px 16px 48px; }
	h1 { font-size: 1.5rem; }
	th, td { padding: 5px 8px; }
	.sheet tbody th { width: 72px; max-width: 72px; font-size: .8rem; }
}
@media print {
	@page { size: landscape; margin: 12mm; }
	html { font-size: 12px; }
	body { max-width: none; padding: 0; }
	.scroll, .sheet { overflow: visible; max-height: none; }
	.sheet th, .results tbody th { position: static; }
	.card, figure, tr { break-inside: avoid; }
	h2 { break-after: avoid; }
	.pixels, .baseline, .card { print-color-adjust: exact; }
}
`;
