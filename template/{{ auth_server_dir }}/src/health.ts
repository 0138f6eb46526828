// Is the process up (/healthz), and can it serve (/readyz: database reachable, schema right)?
import { Router } from "express";
import { pendingChanges } from "./auth/migrations.js";
import { pool } from "./database.js";
import { logger } from "./logger.js";

export const health = Router();
let schemaIsRight = false;

health.get("/healthz", (_request, response) => {
  response.json({ status: "ok" });
});

health.get("/readyz", async (_request, response) => {
  try {
    // The schema only changes with a release, so one good look is enough.
    if (schemaIsRight) await pool.query("select 1");
    else schemaIsRight = (await pendingChanges()) === "";
  } catch (error) {
    logger.warn({ err: error }, "not ready");
    response.status(503).json({ status: "unavailable", reason: "database unreachable" });
    return;
  }
  if (schemaIsRight) response.json({ status: "ok" });
  else response.status(503).json({ status: "unavailable", reason: "schema not migrated" });
});
