// better-auth's limits per address and path, kept without addresses and tokens.
import type { BetterAuthPlugin, BetterAuthRateLimitOptions } from "better-auth";
import { createAuthMiddleware, getIP, isAPIError } from "better-auth/api";
import { pool } from "../database.js";
import { withoutToken } from "../logger.js";
import { keyOf, take } from "../pace.js";

const MEMORY_MS = 10 * 60 * 1000;
// A customer of a provider has 256 networks of 64 bits, or 65,536: after so many refusals
// within one of these wider networks, it is counted as one.
const WIDER = [
  { bits: 48, refusals: 20 },
  { bits: 56, refusals: 5 },
];

export const storage: NonNullable<BetterAuthRateLimitOptions["customStorage"]> = {
  consume: async (key, { window, max }) => {
    const [address = "", path = ""] = key.split("|", 2);
    const waitMs = window * 1000;
    const bucket = keyOf("path", await networkOf(address), withoutToken(path));
    const wait = await take(bucket, { free: max, waitMs, longestWaitMs: waitMs, forgetAfterMs: waitMs });
    if (wait > 0) await noteRefusal(address);
    return { allowed: wait === 0, retryAfter: wait };
  },
};

/** Notes who is refused at signing in, for the limits of their network. */
export const refusals: BetterAuthPlugin = {
  id: "refusals",
  hooks: {
    after: [
      {
        matcher: ({ path, context }) => Boolean(path?.startsWith("/sign-in")) && isAPIError(context.returned),
        handler: createAuthMiddleware(async ({ request, context }) => {
          const address = request && getIP(request, context.options);
          if (address && context.rateLimit.enabled) await noteRefusal(address);
        }),
      },
    ],
  },
};

/** Returns the address, or the wider network that is counted as one. */
async function networkOf(address: string): Promise<string> {
  const networks = widerNetworks(address);
  if (networks.length === 0) return address;
  const { rows } = await pool.query<{ key: string; count: number }>(
    `select key, count from auth_rate_limit
     where key = any($1) and last_request > extract(epoch from clock_timestamp()) * 1000 - $2`,
    [networks.map(({ key }) => key), MEMORY_MS],
  );
  const troubled = networks.find(({ key, refusals }) => rows.some((row) => row.key === key && row.count >= refusals));
  return troubled?.network ?? address;
}

async function noteRefusal(address: string): Promise<void> {
  const pace = { free: 1_000_000, waitMs: 0, longestWaitMs: 0, forgetAfterMs: MEMORY_MS };
  for (const { key } of widerNetworks(address)) await take(key, pace);
}

function widerNetworks(address: string): { network: string; key: string; refusals: number }[] {
  // better-auth spells IPv6 with all of its digits: 2001:0db8:0000:0000:...
  if (!address.includes(":")) return [];
  return WIDER.map(({ bits, refusals }) => {
    const network = `${address.replaceAll(":", "").slice(0, bits / 4)}/${bits}`;
    return { network, key: keyOf("refusals", network), refusals };
  });
}
