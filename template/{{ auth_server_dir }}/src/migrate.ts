// One migration job: safe to start from several instances at once, since a lock in the
// database lets them through one by one and the later ones find nothing to do.
import type { PoolClient } from "pg";
import { applyChanges, pendingChanges } from "./auth/migrations.js";
import { pool } from "./database.js";

const LOCK = 7_266_283; // any number, as long as every instance uses the same

let connection: PoolClient | undefined;
try {
  connection = await pool.connect();
  await connection.query("select pg_advisory_lock($1)", [LOCK]);
  const sql = await pendingChanges();
  if (sql === "") {
    console.log("The auth tables are up to date.");
  } else {
    await applyChanges();
    console.log(`${sql}\n\nThe auth tables are migrated.`);
  }
  await connection.query("select pg_advisory_unlock($1)", [LOCK]);
} catch (error) {
  console.error(`The auth tables were not migrated: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  connection?.release();
  await pool.end();
}
