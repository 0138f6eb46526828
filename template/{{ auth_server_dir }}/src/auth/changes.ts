// What ends when the keys of an account change: sessions, links of older mails, strangers' ways in.
import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthMiddleware, getSessionFromCtx, isAPIError } from "better-auth/api";
import { z } from "zod";
import { pool } from "../database.js";

const FOREIGN_KEY_VIOLATION = "23503";

interface Person {
  id: string;
  email: string;
}

/** Makes every link void that this user was mailed; links that sign in carry the address alone. */
export async function voidLinks({ id, email }: Person): Promise<void> {
  await pool.query(
    `delete from auth_verification
     where value = $1
        or case when value like '{"type":"magic-link"%' then lower(value::jsonb ->> 'email') = lower($2) end`,
    [id, email],
  );
}

/**
 * Takes a user's providers away, and with them their sessions.
 *
 * For the moment at which the owner of an address proves that they read its mail: what was
 * connected before may be a stranger's, who has written that address into their own account.
 */
export async function unlinkStrangers({ id }: { id: string }): Promise<void> {
  await pool.query(
    `with unlinked as (
       delete from auth_account where user_id = $1 and provider_id <> 'credential' returning user_id
     )
     delete from auth_session using unlinked where auth_session.user_id = unlinked.user_id`,
    [id],
  );
}

/** A link in a mail led to this new password, so the address is confirmed by it. */
export async function passwordReset({ user }: { user: Person & { emailVerified: boolean } }): Promise<void> {
  await voidLinks(user);
  if (user.emailVerified) return;
  await unlinkStrangers(user);
  await pool.query("update auth_user set email_verified = true, updated_at = now() where id = $1", [user.id]);
}

export const changes: BetterAuthPlugin = {
  id: "changes",
  hooks: {
    before: [
      {
        // A user may change a password because another person knows it.
        matcher: ({ path, body }) => path === "/change-password" && body?.revokeOtherSessions === undefined,
        handler: createAuthMiddleware(async () => ({ context: { body: { revokeOtherSessions: true } } })),
      },
      {
        // The present address must agree to a change, and only a confirmed one is known to be the user's:
        // else a stolen session would be enough to carry the account off.
        matcher: ({ path }) => path === "/change-email",
        handler: createAuthMiddleware(async (context) => {
          const session = await getSessionFromCtx(context);
          if (session !== null && !session.user.emailVerified) {
            throw new APIError("FORBIDDEN", { code: "EMAIL_NOT_VERIFIED", message: "Confirm your present address first" });
          }
        }),
      },
      {
        // The links of a change of address are signed, not kept, so nothing can be deleted of them.
        matcher: ({ path }) => path === "/verify-email",
        handler: createAuthMiddleware(async ({ query }) => {
          if (await isOlderThanPassword(claims(query?.token))) return { context: { query: { token: "void" } } };
        }),
      },
    ],
    after: [
      {
        matcher: ({ path }) => path === "/change-password",
        handler: createAuthMiddleware(async ({ context: { returned } }) => {
          const { user } = (returned ?? {}) as { user?: Person };
          if (user !== undefined) await voidLinks(user);
        }),
      },
      {
        matcher: ({ path }) => path === "/verify-email",
        handler: createAuthMiddleware(async ({ context: { returned }, query }) => {
          const { requestType, userId, email } = claims(query?.token);
          if (requestType !== "change-email-verification" || userId === undefined || email === undefined) return;
          if (wentWell(returned, query?.callbackURL)) await addressChanged({ id: userId, email });
        }),
      },
    ],
  },
};

/**
 * Refuses to delete a user whom rows of other tables refer to, unless they go along with them:
 * better-auth would have deleted everything but the user by then.
 */
export async function refuseInUse({ id }: { id: string }): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("begin");
    await client.query("delete from auth_user where id = $1", [id]);
  } catch (error) {
    if ((error as { code?: string }).code !== FOREIGN_KEY_VIOLATION) throw error;
    throw new APIError("CONFLICT", { code: "USER_IN_USE", message: "Something still refers to this account" });
  } finally {
    await client.query("rollback").catch(() => undefined);
    client.release();
  }
}

/** Everybody signs in anew, with the new address; what was mailed to the old one counts no more. */
async function addressChanged(user: Person): Promise<void> {
  await voidLinks(user);
  await pool.query("delete from auth_session where user_id = $1", [user.id]);
}

async function isOlderThanPassword({ updateTo, userId, iat }: Claims): Promise<boolean> {
  if (updateTo === undefined || userId === undefined || iat === undefined) return false;
  const { rowCount } = await pool.query(
    `select from auth_account
     where user_id = $1 and provider_id = 'credential' and updated_at >= to_timestamp($2::float8 + 1)`,
    [userId, iat],
  );
  return rowCount !== 0;
}

/** Whether better-auth has accepted the token: it leads exactly where it was told to, or says so. */
function wentWell(returned: unknown, callbackURL: unknown): boolean {
  if (!isAPIError(returned)) return (returned as { status?: boolean } | undefined)?.status === true;
  const location = new Headers(returned.headers).get("location");
  return returned.status === "FOUND" && location?.trim() === String(callbackURL).trim();
}

// Of a token of better-auth, what is asked about here.
const Claims = z
  .object({
    requestType: z.string(),
    userId: z.guid(),
    email: z.string(),
    updateTo: z.string(),
    iat: z.int().min(0).max(1e11),
  })
  .partial();
type Claims = z.infer<typeof Claims>;

/** What a token says, if it is one; whether it is signed is better-auth's to see. */
export function claims(token: unknown): Claims {
  try {
    return Claims.parse(JSON.parse(Buffer.from(String(token).split(".")[1] ?? "", "base64url").toString()));
  } catch {
    return {};
  }
}
