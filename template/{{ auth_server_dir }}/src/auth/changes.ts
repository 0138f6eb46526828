// What ends when the keys of an account change: sessions, links of older mails, strangers' ways in.
import type { BetterAuthPlugin } from "better-auth";
import { APIError, createAuthMiddleware, getSessionFromCtx, isAPIError } from "better-auth/api";
import { pool } from "../database.js";

/** Makes every link void that was mailed for this user, to whatever address. */
export async function voidLinks({ id }: { id: string }): Promise<void> {
  await pool.query("delete from auth_verification where value = $1", [id]);
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
export async function passwordReset({ user }: { user: { id: string; emailVerified: boolean } }): Promise<void> {
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
        // Whoever changes a password may do so because somebody else knows it.
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
    ],
    after: [
      {
        matcher: ({ path }) => path === "/change-password",
        handler: createAuthMiddleware(async ({ context: { returned } }) => {
          const { user } = (returned ?? {}) as { user?: { id: string } };
          if (user !== undefined) await voidLinks(user);
        }),
      },
      {
        matcher: ({ path, query }) => path === "/verify-email" && typeof query?.token === "string",
        handler: createAuthMiddleware(async ({ context: { returned }, query }) => {
          if (!wentWell(returned, query?.callbackURL)) return;
          const { requestType, userId } = claims(query?.token);
          if (requestType === "change-email-verification" && userId !== undefined) await addressChanged(userId);
        }),
      },
    ],
  },
};

/** Everybody signs in anew, with the new address; what was mailed to the old one counts no more. */
async function addressChanged(id: string): Promise<void> {
  await voidLinks({ id });
  await pool.query("delete from auth_session where user_id = $1", [id]);
}

/** Whether better-auth has accepted the token: it leads exactly where it was told to, or says so. */
function wentWell(returned: unknown, callbackURL: unknown): boolean {
  if (!isAPIError(returned)) return (returned as { status?: boolean } | undefined)?.status === true;
  return returned.status === "FOUND" && new Headers(returned.headers).get("location") === callbackURL;
}

/** What a token of better-auth says; only for one that it has accepted. */
function claims(token: string): { requestType?: string; userId?: string } {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}
