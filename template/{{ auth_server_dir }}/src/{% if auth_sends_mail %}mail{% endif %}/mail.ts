// Mail with one link in it: sent by the configured service, or printed in development.
import { env } from "../config/env.js";
import { logger } from "../logger.js";
import { deliver, isConfigured } from "./transport.js";

export interface Mail {
  to: string;
  subject: string;
  intro: string;
  action: string;
  url: string;
}

/**
 * Sends without being waited for: an answer that took longer for a known address would
 * tell that it is known, and a mail service that is down must not break signing in.
 */
export function sendLater(mail: Mail): void {
  if (!isConfigured && env.NODE_ENV !== "production") {
    console.log(`\n=== mail to ${mail.to} (printed: no mail service is configured) ===\n${mail.subject}\n${mail.url}\n===\n`);
    return;
  }
  deliver(mail.to, mail.subject, asText(mail), asHtml(mail)).catch((error: unknown) => {
    logger.error({ err: error, subject: mail.subject }, "mail was not sent");
  });
}

function asText({ intro, action, url }: Mail): string {
  return `${intro}\n\n${action}:\n${url}\n\nIf this was not you, ignore this mail.\n`;
}

function asHtml({ intro, action, url }: Mail): string {
  return `<p>${escape(intro)}</p><p><a href="${escape(url)}">${escape(action)}</a></p><p>If this was not you, ignore this mail.</p>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
