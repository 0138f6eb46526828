// What better-auth still needs in the database, as SQL.
import { getMigrations } from "better-auth/db/migration";
import { auth } from "./auth.config.js";

/** Returns the SQL that brings the schema up to date; empty when there is nothing to do. */
export async function pendingChanges(): Promise<string> {
  const { compileMigrations } = await getMigrations(auth.options);
  const sql = (await compileMigrations()).trim();
  return sql === ";" ? "" : sql;
}

/** Brings the schema up to date. */
export async function applyChanges(): Promise<void> {
  const { runMigrations } = await getMigrations(auth.options);
  await runMigrations();
}
