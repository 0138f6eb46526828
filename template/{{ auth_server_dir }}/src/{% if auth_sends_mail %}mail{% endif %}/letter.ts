// How a mail reads, as plain text and as HTML that mail programs of any age show alike.
import { escape } from "../pages/html.js";
import type { Mail } from "./mail.js";

const IGNORE = "If this was not you, ignore this mail.";

export function asText({ intro, action, url }: Mail): string {
  return `${intro}\n\n${action}:\n${url}\n\n${IGNORE}\n`;
}

export function asHtml({ subject, intro, action, url }: Mail): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${escape(subject)}</title></head>
<body style="margin:0;padding:32px 16px;font-family:Arial,sans-serif;font-size:16px;line-height:1.5;color:#1f2328">
<table role="presentation" align="center" width="100%" style="max-width:480px"><tr><td>
<p>${escape(intro)}</p>
<p style="margin:32px 0"><a href="${escape(url)}" style="background:#1f2328;color:#ffffff;padding:12px 24px;border-radius:6px;text-decoration:none">${escape(action)}</a></p>
<p style="font-size:13px;color:#59636e">The button does not work? Copy this address:<br><a href="${escape(url)}" style="color:#59636e;word-break:break-all">${escape(url)}</a></p>
<p style="font-size:13px;color:#59636e">${IGNORE}</p>
</td></tr></table>
</body>
</html>
`;
}
