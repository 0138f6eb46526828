// Requests during which the database could not be reached.
import type { BetterAuthPlugin } from "better-auth";
import { hadOutage } from "../database-outages.js";
import { errorBody, RETRY_AFTER } from "../errors.js";

/**
 * Answers 503 where better-auth made something else of an outage: its own error, or
 * "signed out" although the session is still there.
 */
export const outages: BetterAuthPlugin = {
  id: "outages",
  onResponse: async () => {
    if (!hadOutage()) return undefined;
    return { response: Response.json(errorBody(503), { status: 503, headers: RETRY_AFTER }) };
  },
};
