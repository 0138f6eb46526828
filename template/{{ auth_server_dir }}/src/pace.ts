// How often something may be done: counted in the database, so that all instances share it.
import { createHmac } from "node:crypto";
import { inBackground } from "./background.js";
import { env } from "./config/env.js";
import { pool } from "./database.js";

/** How many times are free, and how long to wait from then on: each time twice as long. */
export interface Pace {
  free: number;
  waitMs: number;
  longestWaitMs: number;
  /** What was not done for so long begins anew. */
  forgetAfterMs: number;
}

// One statement decides and counts, so that of a hundred at once no more than allowed get through.
const TAKE = `
  with clock as (select (extract(epoch from clock_timestamp()) * 1000)::bigint as now),
  taken as (
    insert into auth_rate_limit as seen (key, count, last_request)
    select $1, 1, now from clock
    on conflict (key) do update set
      count = case when excluded.last_request - seen.last_request >= $5::float8 then 1 else seen.count + 1 end,
      last_request = greatest(excluded.last_request, seen.last_request)
    where seen.count < $2::int or excluded.last_request - seen.last_request >= ${wait("seen")}
    returning count
  )
  select (select count from taken) as count,
    coalesce((select last_request + ${wait("seen")} - now from auth_rate_limit as seen where key = $1), $3) as wait
  from clock`;

function wait(row: string): string {
  return `least($4::float8, $3::float8 * 2 ^ least(greatest(${row}.count - $2::int, 0), 30))`;
}

/** Counts one more time; returns the seconds to wait for it instead where it comes too soon. */
export async function take(key: string, { free, waitMs, longestWaitMs, forgetAfterMs }: Pace): Promise<number> {
  const { rows } = await pool.query<{ count: number | null; wait: number }>(TAKE, [
    key,
    free,
    waitMs,
    longestWaitMs,
    forgetAfterMs,
  ]);
  const [row] = rows;
  if (row?.count === 1 && Math.random() < 0.01) inBackground(forgetOld());
  return row === undefined || row.count !== null ? 0 : Math.max(1, Math.ceil(Number(row.wait) / 1000));
}

/** Begins anew. */
export async function forget(key: string): Promise<void> {
  await pool.query("delete from auth_rate_limit where key = $1", [key]);
}

/** The key of what is counted; a reader of the table learns neither addresses nor tokens from it. */
export function keyOf(...parts: string[]): string {
  return createHmac("sha256", env.BETTER_AUTH_SECRET).update(parts.join("\n")).digest("base64url");
}

async function forgetOld(): Promise<void> {
  await pool.query(
    "delete from auth_rate_limit where last_request < extract(epoch from now() - interval '1 day') * 1000",
  );
}
