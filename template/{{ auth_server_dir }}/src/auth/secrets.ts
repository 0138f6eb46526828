// Cookies that an earlier secret has signed, while secrets change.
import { createHmac, timingSafeEqual } from "node:crypto";
import type { BetterAuthPlugin } from "better-auth";
import { createAuthMiddleware } from "better-auth/api";

/**
 * Lets cookies count that an earlier one of `secrets` has signed.
 *
 * better-auth decrypts with each of them but verifies cookies with the first alone, so all
 * people would be signed out; here such a cookie is signed anew before it is read.
 */
export function earlierSecrets([current, ...earlier]: readonly string[]): BetterAuthPlugin {
  return {
    id: "earlier-secrets",
    hooks: {
      before: [
        {
          matcher: ({ headers }) => earlier.length > 0 && Boolean(headers?.has("cookie")),
          handler: createAuthMiddleware(async ({ headers }) => {
            const sent = headers?.get("cookie")?.split(/;\s*/) ?? [];
            const anew = new Headers(headers);
            anew.set("cookie", sent.map((cookie) => signedAnew(cookie, current ?? "", earlier)).join("; "));
            return { context: { headers: anew } };
          }),
        },
      ],
    },
  };
}

/** Returns `name=value.signature` as it is, unless one of `earlier` has signed it. */
function signedAnew(cookie: string, current: string, earlier: readonly string[]): string {
  const [, name, encoded] = /^([^=]+)=(.*)$/.exec(cookie) ?? [];
  const [, value, signature] = /^(.*)\.([^.]+)$/s.exec(decoded(encoded ?? "")) ?? [];
  if (name === undefined || value === undefined || signature === undefined) return cookie;
  if (!earlier.some((secret) => isEqual(signature, signatureOf(value, secret)))) return cookie;
  return `${name}=${encodeURIComponent(`${value}.${signatureOf(value, current)}`)}`;
}

function signatureOf(value: string, secret: string): string {
  return createHmac("sha256", secret).update(value).digest("base64");
}

function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
