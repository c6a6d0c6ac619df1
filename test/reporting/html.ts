import test from 'ava';
import {escapeHtml, html, raw} from '../../reporting/html.ts';

test('values are escaped between tags and in attributes', t => {
	t.is(html`<p title="${'"><script>'}">${'<b>&\'`'}</p>`.toString(), '<p title="&quot;&gt;&lt;script&gt;">&lt;b&gt;&amp;&#39;&#96;</p>');
});

test('markup from a template is not escaped again', t => {
	t.is(html`<ul>${['a', '<'].map(text => html`<li>${text}</li>`)}</ul>`.toString(), '<ul><li>a</li><li>&lt;</li></ul>');
});

test('only raw lets markup through', t => {
	t.is(html`${raw('<b>')}${'<b>'}`.toString(), '<b>&lt;b&gt;');
});

test('an object that looks like markup is text', t => {
	// What a JSON file could hold in place of a string.
	const fake = {toString: () => '<script>'} as unknown as string;
	t.is(html`${[fake].map(String)}`.toString(), '&lt;script&gt;');
});

test('zero is shown, false and undefined are not', t => {
	t.is(html`${0}${false}${undefined}`.toString(), '0');
});

test('control characters and halves of surrogate pairs are replaced', t => {
	t.is(escapeHtml('a\u0000b\uD800c\u001Bd\n\t'), 'a\uFFFDb\uFFFDc\uFFFDd\n\t');
});
