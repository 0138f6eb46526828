// Redirects to a path, which must stay on this server.
import type { BetterAuthPlugin } from "better-auth";

/**
 * Lets no path of a redirect begin with two slashes, which browsers take for another host:
 * better-auth makes `//evil.example` of a callback URL of `/..//evil.example`.
 */
export const ownPaths: BetterAuthPlugin = {
  id: "own-paths",
  onResponse: async (response) => {
    const location = response.headers.get("location") ?? "";
    if (/^[/\\]{2}/.test(location)) response.headers.set("location", location.replace(/^[/\\]+/, "/"));
  },
};
