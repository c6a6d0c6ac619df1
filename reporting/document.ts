import {html, raw, type Html} from './html.ts';
import {styles} from './styles.ts';

/** Nothing is loaded and nothing runs, whatever a name or a param holds. */
const contentSecurityPolicy = 'default-src \'none\'; img-src data:; style-src \'unsafe-inline\'; base-uri \'none\'; form-action \'none\'';

/** What stands above everything else on a page. */
export type Heading = {
	readonly title: string;
	/** What the page answers, in a sentence or two. */
	readonly question: string;
};

/** A complete page that needs no network. @param parts what follows the question in the header, and the main part */
export function htmlDocument({title, question}: Heading, {header, main}: {readonly header: Html; readonly main: Html}): string {
	const page = html`
		<!doctype html>
		<html lang="en">
		<head>
		<meta charset="utf-8">
		<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy}">
		<meta name="viewport" content="width=device-width, initial-scale=1">
		<meta name="referrer" content="no-referrer">
		<title>${title}</title>
		<style>${raw(styles)}</style>
		</head>
		<body>
		<header>
		<h1>${title}</h1>
		<p class="question">${question}</p>
		${header}
		</header>
		<main>
		${main}
		</main>
		</body>
		</html>
	`;
	return `${page.toString().trim()}\n`;
}

/** A part of a page under its heading. */
export function section(heading: string, content: Html): Html {
	return html`
		<section>
		<h2>${heading}</h2>
		${content}
		</section>
	`;
}

/** A part of a page, or nothing where there is nothing to show. */
export function optionalSection(heading: string, content: Html | undefined): Html | undefined {
	return content && section(heading, content);
}
