// HTML from text: whatever is put into a page is escaped, unless it is HTML already.

export class Html {
  constructor(readonly text: string) {}
}

/** Tags a template literal: html`<p>${name}</p>` cannot hold an element that came in `name`. */
export function html(parts: TemplateStringsArray, ...values: readonly (string | Html | undefined)[]): Html {
  return new Html(String.raw({ raw: parts }, ...values.map(asText)));
}

export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function asText(value: string | Html | undefined): string {
  return value instanceof Html ? value.text : escape(value ?? "");
}
