// How the pages of this server look, and what a browser may do on them: no script, nothing from elsewhere.
import { createHash } from "node:crypto";
import type { Response } from "express";
import { env } from "../config/env.js";
import { html, Html } from "./html.js";

export const STYLE = `
:root { color-scheme: light dark; --text: #1f2328; --soft: #59636e; --ground: #f6f8fa; --card: #fff; --accent: #1d4ed8; --on: #fff; --bad: #b42318 }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --soft: #9da7b3; --ground: #0d1117; --card: #161b22; --accent: #79b0ff; --on: #0d1117; --bad: #ff9b94 } }
* { box-sizing: border-box }
body { margin: 0; padding: 2rem 1rem; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif }
main { max-width: 28rem; margin: 0 auto; padding: 1.5rem; border-radius: .75rem; background: var(--card) }
h1 { margin: 0 0 .75rem; font-size: 1.25rem }
p { margin: 0 0 1rem }
a { color: var(--accent) }
p > a:only-child { display: inline-block; padding: .625rem 0 }
label { display: block; font-weight: 600 }
small { color: var(--soft) }
input { width: 100%; padding: .625rem .75rem; border: 1px solid var(--soft); border-radius: .5rem; background: var(--card); color: inherit; font: inherit }
button { width: 100%; margin: 1rem 0; padding: .625rem 1rem; border: 0; border-radius: .5rem; background: var(--accent); color: var(--on); font: inherit; font-weight: 600; cursor: pointer }
[role=alert] { color: var(--bad) }
`;
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

// The only ways on from a page: to the front end, never to an address that a link has named.
const ways = [env.CORS_ORIGINS[0] ?? env.BETTER_AUTH_URL];

/** Adds a way on; in development there is a page here to go on with. */
export function leadTo(url: string): void {
  ways.push(url);
}

export function wayBack(): Html {
  const links = ways.map((url) => html`<p><a href="${url}">Go to ${url.replace(/^https?:\/\/|\/$/g, "")}</a></p>`);
  return new Html(links.map(({ text }) => text).join("\n"));
}

/** Answers with a page. */
export function show(response: Response, title: string, content: Html): void {
  response.setHeader("Content-Security-Policy", POLICY);
  // An address may hold a one-time token, which is for this server alone.
  response.setHeader("Referrer-Policy", "no-referrer");
  response.setHeader("Cache-Control", "no-store");
  response.type("html").send(
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`.text,
  );
}
