// The address that a request comes from, however the proxies in front spell it.
import { isIP } from "node:net";
import type { RequestHandler } from "express";

/**
 * Leaves the client's address alone in X-Forwarded-For, the header that better-auth counts by.
 *
 * Express has chosen the entry that TRUST_PROXY trusts. Where that is no address, the
 * connection's own counts: one limit for all clients of that proxy, not of the world.
 */
export const nameClientAddress: RequestHandler = (request, _response, next) => {
  const address = parseAddress(request.ip ?? "") ?? parseAddress(request.socket.remoteAddress ?? "");
  if (address === undefined) delete request.headers["x-forwarded-for"];
  else request.headers["x-forwarded-for"] = address;
  next();
};

/** Returns the IP address of `1.2.3.4:5555`, `"[2001:db8::1]:443"`, `fe80::1%eth0` and the like. */
export function parseAddress(given: string): string | undefined {
  const text = given.trim().replace(/^"(.*)"$/, "$1");
  const [, bracketed] = /^\[([^\]]*)\](?::\d*)?$/.exec(text) ?? [];
  const candidates = [bracketed ?? text, text.replace(/:\d*$/, "")];
  return candidates
    .map((candidate) => candidate.replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/i, ""))
    .find((candidate) => isIP(candidate) !== 0);
}
