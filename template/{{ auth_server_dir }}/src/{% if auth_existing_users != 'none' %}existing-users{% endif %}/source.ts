// Reads the old table in the order of its ids, a batch at a time, so that its size does not matter.
import pg from "pg";
import { pool } from "../database.js";
import type { OldRow } from "./people.js";
import { existingUsers } from "./table.js";

const AT_ONCE = 1_000;
const TYPES = { uuid: "uuid", text: "text", integer: "bigint" };

const table = `${pg.escapeIdentifier(existingUsers.schema)}.${pg.escapeIdentifier(existingUsers.table)} as old`;
const id = column(existingUsers.id);
// What better-auth would look for; other spaces make no address.
const email = `btrim(${column(existingUsers.email)}::text, E' \\t\\r\\n')`;
const key = `lower(${email} collate "C")`;
// A boolean or 1, or the moment at which it became true; any other word confirms nothing.
const verified = `coalesce(
  ${column(existingUsers.verified)}::text in ('t', 'true', '1')
    or pg_typeof(${column(existingUsers.verified)})::text ~ '^(timestamp|date)' and ${column(existingUsers.verified)} is not null,
  false)`;
const active = existingUsers.active === "" ? "true" : `coalesce(${column(existingUsers.active)}::text, 'f') in ('t', 'true', '1')`;

/**
 * Yields the rows of people for whom `where` holds; `everybody` counts inactive people among those
 * who share an address.
 */
export async function* oldRows(everybody: boolean, where: string): AsyncGenerator<OldRow[]> {
  const shared = await sharedAddresses(everybody, where);
  let last: string | null = null;
  while (true) {
    const { rows }: pg.QueryResult<OldRow & { key: string | null }> = await pool.query(
      `select ${id}::text as id, ${email} as email, ${key} as key, ${column(existingUsers.name)}::text as name,
              ${column(existingUsers.password)} as password, ${verified} as verified, ${active} as active
       from ${table}
       where ($1::text is null or ${id} > $1::${TYPES[existingUsers.idType]}) and (${where})
       order by ${id} limit ${AT_ONCE}`,
      [last],
    );
    if (rows.length === 0) return;
    yield rows.map((row) => ({ ...row, shared: row.key !== null && shared.has(row.key) }));
    last = rows.at(-1)?.id ?? null;
  }
}

/** Returns the addresses, in lower case, that several people have. */
async function sharedAddresses(everybody: boolean, where: string): Promise<Set<string>> {
  const { rows } = await pool.query<{ key: string }>(
    `select ${key} as key from ${table}
     where ${everybody ? "true" : active} and ${email} <> '' and (${where}) group by 1 having count(*) > 1`,
  );
  return new Set(rows.map((row) => row.key));
}

function column(name: string): string {
  return name === "" ? "null" : `old.${pg.escapeIdentifier(name)}`;
}
