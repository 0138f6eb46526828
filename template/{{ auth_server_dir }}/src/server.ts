// Listens, and stops without cutting off a request that is being answered.
import { createHash } from "node:crypto";
import app from "./app.js";
import { env } from "./config/env.js";
import { pool } from "./database.js";
import { logger } from "./logger.js";

// A platform's proxy reaches the container from outside; in development nobody else should.
const host = env.NODE_ENV === "production" ? "0.0.0.0" : "127.0.0.1";
const GRACE_MS = 10_000;

const server = app.listen(env.PORT, host, (error) => {
  if (error) {
    logger.fatal(`cannot listen on port ${env.PORT}: ${error.message}`);
    process.exit(1);
  }
  // FastAPI logs the same eight digits when it holds the same secret.
  const fingerprint = createHash("sha256").update(env.BETTER_AUTH_SECRET).digest("hex").slice(0, 8);
  logger.info({ url: env.BETTER_AUTH_URL, secret: fingerprint }, "auth server listening");
});

let stopping = false;
async function stop(): Promise<void> {
  if (stopping) return;
  stopping = true;
  setTimeout(() => process.exit(1), GRACE_MS).unref();
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  await closed;
  await pool.end();
}
process.once("SIGTERM", stop);
process.once("SIGINT", stop);
