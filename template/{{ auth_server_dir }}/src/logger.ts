// Structured logs without credentials: one JSON object a line.
import { pino } from "pino";

export const logger = pino({
  redact: ["req.headers.authorization", "req.headers.cookie", 'res.headers["set-cookie"]'],
});

/** What better-auth has to say, in the same form; of its details only errors, which hold no token. */
export function fromBetterAuth(level: "debug" | "info" | "warn" | "error", message: string, ...details: unknown[]): void {
  const error = details.find((detail) => detail instanceof Error);
  logger[level](error === undefined ? {} : { err: error }, message);
}
