// Structured logs without credentials: one JSON object a line.
import { pino } from "pino";

export const logger = pino({
  redact: ["req.headers.authorization", "req.headers.cookie", 'res.headers["set-cookie"]'],
  serializers: { err: withoutValues },
});

/** An error as it is logged: what else PostgreSQL's hold are the values of the row, tokens among them. */
export function withoutValues(error: Error & { code?: unknown }): Record<string, unknown> {
  const { type, message, stack } = pino.stdSerializers.err(error);
  return { type, message, stack, code: error.code };
}

/** A path without the one-time token that some end in. */
export function withoutToken(path: string): string {
  return path.replace(/(\/reset-password\/).+/, "$1...");
}

/** What better-auth has to say, in the same form; of its details only errors, which hold no token. */
export function fromBetterAuth(level: "debug" | "info" | "warn" | "error", message: unknown, ...details: unknown[]): void {
  const error = [message, ...details].find((detail) => detail instanceof Error);
  logger[level](error === undefined ? {} : { err: error }, String(message));
}
