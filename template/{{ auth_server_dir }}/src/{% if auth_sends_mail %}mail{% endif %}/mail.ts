// Mail with one link in it: sent by the configured service, or printed in development.
import { inBackground } from "../background.js";
import { env } from "../config/env.js";
import { logger } from "../logger.js";
import { keyOf, take } from "../pace.js";
import { asHtml, asText } from "./letter.js";
import { deliver, isConfigured } from "./transport.js";

export interface Mail {
  to: string;
  subject: string;
  intro: string;
  action: string;
  url: string;
}

const PATIENCE_MS = 20_000;
// Per recipient: what is more is not sent.
const PACE = { free: 5, waitMs: 60 * 1000, longestWaitMs: 15 * 60 * 1000, forgetAfterMs: 60 * 60 * 1000 };

/**
 * Sends without being waited for: an answer that took longer for a known address would
 * tell that it is known, and a mail service that is down must not break signing in.
 */
export function sendLater(mail: Mail): void {
  if (!isConfigured && env.NODE_ENV !== "production") {
    console.log(`\n=== mail to ${mail.to} (printed: no mail service is configured) ===\n${mail.subject}\n${mail.url}\n===\n`);
    return;
  }
  inBackground(send(mail), `mail was not sent: ${mail.subject}`);
}

async function send(mail: Mail): Promise<void> {
  // ada+news@example.com is Ada too.
  const addressee = mail.to.toLowerCase().replace(/\+[^@]*@/, "@");
  if ((await take(keyOf("mail", addressee), PACE)) > 0) {
    logger.warn(`not sent, because its addressee got many within the hour: ${mail.subject}`);
    return;
  }
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`the mail service took longer than ${PATIENCE_MS / 1000} s`)), PATIENCE_MS);
  });
  const delivered = deliver({ to: mail.to, subject: mail.subject, text: asText(mail), html: asHtml(mail) });
  await Promise.race([delivered, late]).finally(() => clearTimeout(timer));
}
