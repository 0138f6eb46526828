// Structured logs without credentials: one JSON object a line.
import { pino } from "pino";

export const logger = pino({
  redact: ["req.headers.authorization", "req.headers.cookie", 'res.headers["set-cookie"]'],
});
