// Writes a batch of people into better-auth's tables: all of it or nothing.
import { pool } from "../database.js";
import type { Person } from "./people.js";

/** What is to be done for people: nothing where they are there, nothing where their address is another's. */
export interface Sorted {
  added: Person[];
  before: Person[];
  taken: Person[];
}

/**
 * Sorts people by what is there already.
 *
 * An account with the same address that this import has not made stays untouched: its owner chose
 * another password, and nobody has shown that it is the same person.
 */
export async function sorted(people: Person[]): Promise<Sorted> {
  const { rows } = await pool.query<{ id: string; email: string }>(
    // Two queries in one: of an "or", PostgreSQL reads the whole table, and so for each batch.
    `select id, email from auth_user where id = any($1::uuid[])
     union select id, email from auth_user where email = any($2::text[])`,
    [people.map(({ id }) => id), people.map(({ email }) => email)],
  );
  const ids = new Set(rows.map(({ id }) => id));
  const emails = new Set(rows.map(({ email }) => email));
  const before = people.filter(({ id }) => ids.has(id));
  const others = people.filter(({ id }) => !ids.has(id));
  return {
    before,
    taken: others.filter(({ email }) => emails.has(email)),
    added: others.filter(({ email }) => !emails.has(email)),
  };
}

/** Adds people with their passwords; returns how many, since somebody may have signed up just now. */
export async function add(people: Person[], canBan: boolean): Promise<number> {
  const { rows } = await pool.query<{ added: number }>(
    `with given as (
       select * from unnest($1::uuid[], $2::text[], $3::text[], $4::boolean[], $5::text[], $6::boolean[])
         as given (id, email, name, verified, password, banned)
     ), added as (
       insert into auth_user (id, email, name, email_verified, created_at, updated_at${canBan ? ", banned" : ""})
       select id, email, name, verified, now(), now()${canBan ? ", banned" : ""} from given
       on conflict do nothing returning id
     ), accounts as (
       insert into auth_account (id, user_id, account_id, provider_id, password, created_at, updated_at)
       select gen_random_uuid(), id, id::text, 'credential', password, now(), now()
       from given join added using (id) where password is not null
     )
     select count(*)::int as added from added`,
    [
      people.map(({ id }) => id),
      people.map(({ email }) => email),
      people.map(({ name }) => name),
      people.map(({ verified }) => verified),
      people.map(({ password }) => password),
      people.map(({ banned }) => banned),
    ],
  );
  return rows[0]?.added ?? 0;
}

/** Whether better-auth can ban people: its plugin `admin` brings the column. */
export async function canBan(): Promise<boolean> {
  const { rowCount } = await pool.query(
    "select from pg_attribute where attrelid = 'auth_user'::regclass and attname = 'banned' and not attisdropped",
  );
  return rowCount === 1;
}
