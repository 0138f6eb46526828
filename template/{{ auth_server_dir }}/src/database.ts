// The one connection pool: better-auth, the health checks and the migration share it.
import pg from "pg";
import { env } from "./config/env.js";
import { logger } from "./logger.js";

export const pool = new pg.Pool({
  connectionString: env.DATABASE_URL,
  connectionTimeoutMillis: 5_000,
});

// Without a listener, a connection that the database ends would end this process.
pool.on("error", (error) => logger.warn({ err: error }, "a database connection was lost"));
