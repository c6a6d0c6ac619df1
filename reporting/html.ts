/** Text that is markup already: only `html` and `raw` make it, so a plain string can never be taken for it. */
export class Html {
	readonly #text: string;

	constructor(text: string) {
		this.#text = text;
	}

	toString(): string {
		return this.#text;
	}
}

/** What may stand in a template: markup as it is, texts and numbers escaped, lists joined, `undefined` and `false` as nothing. */
export type HtmlValue = Html | string | number | false | undefined | readonly HtmlValue[];

const escapes: ReadonlyMap<string, string> = new Map([
	['&', '&amp;'],
	['<', '&lt;'],
	['>', '&gt;'],
	['"', '&quot;'],
	['\'', '&#39;'],
	['`', '&#96;'],
]);

/** Control characters that HTML does not allow, and halves of surrogate pairs; a page with them would not be valid UTF-8 text. */
const forbidden = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\uFFFE\uFFFF]|\p{Surrogate}/gu; // eslint-disable-line no-control-regex -- these are what it looks for

/** A text that is safe between tags and inside quoted attribute values. */
export function escapeHtml(text: string): string {
	return text.replaceAll(forbidden, '\uFFFD').replaceAll(/[&<>"'`]/gu, character => escapes.get(character) ?? '');
}

/** Markup with every value in it escaped. Attribute values must be quoted, and never be addresses or scripts from outside. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
	return new Html(strings.map((text, index) => text + (index < values.length ? markup(values[index]) : '')).join(''));
}

/** Markup made elsewhere. Only for what this project writes itself, such as style sheets and figures. */
export function raw(text: string): Html {
	return new Html(text);
}

function markup(value: HtmlValue): string {
	if (value === undefined || value === false) {
		return '';
	}

	if (value instanceof Html) {
		return value.toString();
	}

	return typeof value === 'object' ? value.map(item => markup(item)).join('') : escapeHtml(String(value));
}
